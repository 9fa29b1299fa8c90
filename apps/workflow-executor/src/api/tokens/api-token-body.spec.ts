import { bodyValidation } from '@app/http';
import { ApiTokenBody } from './api-token-body.js';

const GOOD = { label: 'ada', role: 'approver' };

function read(body: object): Promise<unknown> {
  return bodyValidation().transform(body, { type: 'body', metatype: ApiTokenBody });
}

describe(ApiTokenBody.name, () => {
  it.each([
    {},
    { label: 'Ada Lovelace' },
    { label: 'ada.lovelace@example.com' },
    { label: "Zoë O'Brien" },
    { groups: ['finance', 'audit'] },
    { scope: { workflows: ['wf1'] } },
    { scope: { labels: { area: 'billing', stage: '' } } },
  ])('accepts %j', async (differences) => {
    await expect(read({ ...GOOD, ...differences })).resolves.toMatchObject(differences);
  });

  it('keeps a label named like a member of every object, so that the scope stays narrow', async () => {
    const labels: object = { area: 'billing', ['constructor']: 'yes' };

    const { scope } = (await read({ ...GOOD, scope: { labels } })) as ApiTokenBody;
    expect(Object.entries(scope?.labels ?? {})).toEqual(Object.entries(labels));
  });

  it('treats two Unicode forms of a name as one', async () => {
    const written = { ...GOOD, label: 'Zoe\u0308' };

    await expect(read(written)).resolves.toMatchObject({ label: 'Zo\u00eb' });
  });

  it.each([
    ['label', { label: 'ada\ufe0f' }],
    ['label', { label: 'ada\u3164b' }],
    ['groups', { groups: [' a'] }],
    ['groups', { groups: ['a\n'] }],
    ['groups', { groups: ['a\u200bb'] }],
    ['groups', { groups: ['a\0b'] }],
    ['groups', { groups: ['\ud800'] }],
    ['groups', { groups: ['\u00e9', 'e\u0301'] }],
    ['label', { label: '' }],
    ['label', { label: ' ada' }],
    ['label', { label: 'ada\n' }],
    ['label', { label: 'a'.repeat(101) }],
    ['label', { label: 'administrator' }],
    ['label', { label: 'Administrator 1' }],
    ['label', { label: 'nobody' }],
    ['role', { role: 'sender' }],
    ['role', { role: 'toString' }],
    ['groups', { groups: 'finance' }],
    ['groups', { groups: ['a', 'a'] }],
    ['groups', { groups: [''] }],
    ['groups', { groups: Array.from({ length: 21 }, (_, at) => `${at}`) }],
    ['scope', { scope: {} }],
    ['scope', { scope: null }],
    ['scope', { scope: { workflows: [] } }],
    ['scope', { scope: { labels: {} } }],
    ['scope', { scope: { labels: { a: 1 } } }],
    ['scope', { scope: { workflows: ['wf1'], labels: { a: 'b' } } }],
    ['scope', { scope: { everything: true } }],
    ['expiresAt', { expiresAt: '2001-01-01' }],
    ['hash', { hash: 'x' }],
  ])('refuses another %s: %j', async (path, differences) => {
    await expect(read({ ...GOOD, ...differences })).rejects.toMatchObject({
      problems: expect.arrayContaining([expect.objectContaining({ path })]) as unknown,
    });
  });
});
