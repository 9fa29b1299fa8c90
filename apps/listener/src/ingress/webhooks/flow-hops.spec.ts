import { anEvent, jsonData } from '@app/events/testing';
import { type CloudEvent, SignedRoots } from '@app/events';
import { SigningKeys } from '@app/signing';
import { withHops as give } from './flow-hops.js';

const OWN = '/workflows/w/webhooks/generic';
const roots = new SignedRoots(new SigningKeys('k'.repeat(32)));

function withHops(
  event: CloudEvent,
  headers: Readonly<Record<string, string>>,
  data?: ReturnType<typeof jsonData>,
): CloudEvent {
  return give(event, { headers, data, ownSource: OWN }, roots);
}

describe(give.name, () => {
  it.each([
    ['a header', { 'ce-flowhops': '3' }, { order: 1 }],
    ['a member of the body', {}, { flowhops: 3 }],
    ['both, the header first', { 'ce-flowhops': '3' }, { flowhops: 9 }],
  ])('takes hops and root that were sent as %s', (_what, headers, data) => {
    expect(withHops(anEvent(), headers, jsonData(data)).extensions).toEqual({ flowhops: 3 });
  });

  it.each([
    ['nothing', {}, {}],
    ['a text that is no number', { 'ce-flowhops': 'x' }, {}],
    ['less than one', {}, { flowhops: -1 }],
    ['more than an integer of CloudEvents', {}, { flowhops: 2 ** 31 }],
    ['a list', {}, [{ flowhops: 3 }]],
  ])('does not change an event that was sent with %s', (_what, headers, data) => {
    const event = anEvent();

    expect(withHops(event, headers, jsonData(data))).toBe(event);
  });

  it('keeps the attributes of the event itself', () => {
    const event = anEvent({ extensions: { flowhops: 2 } });

    expect(withHops(event, { 'ce-flowhops': '3' })).toBe(event);
  });

  describe('the run that was the first', () => {
    const sent = { id: 'run:tell "all":1', source: '/workflows/a' };
    const flowroot = roots.textOf('first', sent);
    const inHeaders = {
      'ce-id': 'run:tell%20%22all%22:1',
      ...{ 'ce-source': sent.source, 'ce-flowhops': '3', 'ce-flowroot': flowroot },
    };
    const event = anEvent({ source: OWN, id: 'any' });

    it.each([
      ['headers', inHeaders, {}],
      ['members of the body', {}, { ...sent, flowhops: 3, flowroot }],
    ])('is taken from %s, under the id that was sent', (_what, headers, data) => {
      const got = withHops(event, headers, jsonData(data));

      expect(got).toMatchObject({ id: sent.id, source: OWN, extensions: { flowhops: 3 } });
      expect(roots.rootIn(got)).toBe('first');
    });

    it.each([
      ['has another id', { 'ce-id': 'mine' }, event],
      ['has another source', { 'ce-source': '/mine' }, event],
      ['was signed by nobody', { 'ce-flowroot': 'first' }, event],
      ['has a source that its sender chose', {}, anEvent({ source: 'https://github.com/a/b' })],
    ])('is not added to an event that %s', (_what, changed, came) => {
      const got = withHops(came, { ...inHeaders, ...changed });

      expect(got).toEqual({ ...came, extensions: { flowhops: 3 } });
    });
  });
});
