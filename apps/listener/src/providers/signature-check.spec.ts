import { createHmac } from 'node:crypto';
import { SecretKeys, SecretUnreadableError } from '@app/auth';
import { type Workflow } from '@app/persistence';
import { GENERIC } from './senders/generic.js';
import { GITHUB } from './senders/github.js';
import { SignatureCheck } from './signature-check.js';

const keys = new SecretKeys('a key of at least thirty-two characters');
const NOW = 1_700_000_000_000;
const BYTES = Buffer.from('{}');

function check(ofKeys = keys): SignatureCheck {
  return new SignatureCheck({ keys: ofKeys, clock: () => NOW, ageMsMax: 1_000 });
}

function secret(id: string, text: string, differences: object = {}) {
  const encrypted = keys.encrypt(text, { workflowId: 'wf1', secretId: id });
  return { id, label: id, provider: 'github', encrypted, createdAt: 0, ...differences };
}

function workflowWith(...secrets: object[]): Workflow {
  return { id: 'wf1', secrets } as unknown as Workflow;
}

function signed(text: string) {
  const hex = createHmac('sha256', text).update(BYTES).digest('hex');
  return { bytes: BYTES, headers: { 'x-hub-signature-256': `sha256=${hex}` } };
}

describe(SignatureCheck.name, () => {
  it('accepts a signature by any of the secrets, so that they can be replaced', () => {
    const workflow = workflowWith(secret('a', 'old'), secret('b', 'new', { options: { a: 'b' } }));

    expect(check().signedWith(workflow, GITHUB, signed('old'))).toEqual({});
    expect(check().signedWith(workflow, GITHUB, signed('new'))).toEqual({ a: 'b' });
    expect(check().signedWith(workflow, GITHUB, signed('other'))).toBeUndefined();
  });

  it.each([
    ['has ended', { expiresAt: NOW }],
    ['is of another provider', { provider: 'gitlab' }],
  ])('does not count a secret that %s', (_what, differences) => {
    const workflow = workflowWith(secret('a', 's', differences));

    expect(check().signedWith(workflow, GITHUB, signed('s'))).toBeUndefined();
    expect(check().isRequired(workflow, GITHUB)).toBe(false);
  });

  it('accepts no signature without a workflow or a secret', () => {
    const nobodys = signed('whsec_bm9ib2R5cyBzZWNyZXQ=');

    expect(check().signedWith(undefined, GITHUB, nobodys)).toBeUndefined();
    expect(check().signedWith(workflowWith(), GITHUB, nobodys)).toBeUndefined();
    expect(check().signedWith({ id: 'wf1' } as Workflow, GITHUB, nobodys)).toBeUndefined();
  });

  it('computes as many signatures for no workflow as for one with none, one or two secrets', () => {
    const workflows = [
      undefined,
      workflowWith(),
      workflowWith(secret('a', 's')),
      workflowWith(secret('a', 's'), secret('b', 't')),
    ];

    const counts = workflows.map((workflow) => {
      let count = 0;
      const counted = { ...GITHUB, verify: () => (count += 1) < 0 };
      check().signedWith(workflow, counted, signed('wrong'));
      return count;
    });

    expect(counts).toEqual([2, 2, 2, 2]);
  });

  it('is required where there is a secret of a provider that signs', () => {
    const workflow = workflowWith(secret('a', 's'));

    expect(check().isRequired(workflow, GITHUB)).toBe(true);
    expect(check().isRequired(workflow, GENERIC)).toBe(false);
  });

  it('throws if a secret cannot be decrypted, instead of calling the signature wrong', () => {
    const other = check(new SecretKeys('another key of more than 32 characters'));

    expect(() => other.signedWith(workflowWith(secret('a', 's')), GITHUB, signed('s'))).toThrow(
      SecretUnreadableError,
    );
  });
});
