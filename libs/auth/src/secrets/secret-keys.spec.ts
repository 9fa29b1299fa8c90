import { SecretsKeyMissingError, SecretUnreadableError } from '../errors.js';
import { SecretKeys } from './secret-keys.js';

const OLD = 'the key as it was before, of 32 or more';
const NEW = 'the key as it is from now on, 32 or more';
const PLACE = { workflowId: 'wf1', secretId: 's1' };

describe(SecretKeys.name, () => {
  it('decrypts what it encrypted; the ciphertext does not contain the text', () => {
    const keys = new SecretKeys(NEW);
    const encrypted = keys.encrypt('whsec_ü', PLACE);

    expect(keys.decrypt({ id: 's1', encrypted }, 'wf1')).toBe('whsec_ü');
    expect(encrypted).not.toContain('whsec');
    expect(keys.encrypt('whsec_ü', PLACE)).not.toBe(encrypted);
  });

  it('decrypts with the previous key during a rotation, and encrypts with the new one', () => {
    const both = new SecretKeys(NEW, OLD);
    const before = new SecretKeys(OLD).encrypt('a', PLACE);
    const after = both.encrypt('b', PLACE);

    expect(both.decrypt({ id: 's1', encrypted: before }, 'wf1')).toBe('a');
    expect(new SecretKeys(NEW).decrypt({ id: 's1', encrypted: after }, 'wf1')).toBe('b');
  });

  it.each([
    ['with another key', { id: 's1' }, 'wf1', new SecretKeys(OLD)],
    ['without a key', { id: 's1' }, 'wf1', new SecretKeys(undefined)],
    ['of another workflow', { id: 's1' }, 'wf2', new SecretKeys(NEW)],
    ['of another secret', { id: 's2' }, 'wf1', new SecretKeys(NEW)],
  ])('decrypts nothing %s', (_what, secret, workflowId, keys) => {
    const encrypted = new SecretKeys(NEW).encrypt('a', PLACE);

    expect(() => keys.decrypt({ ...secret, encrypted }, workflowId)).toThrow(SecretUnreadableError);
  });

  it.each(['', 'v1', 'v1.00000000.', 'v2.a.b'])('decrypts nothing in %j', (encrypted) => {
    expect(() => new SecretKeys(NEW).decrypt({ id: 's1', encrypted }, 'wf1')).toThrow(
      SecretUnreadableError,
    );
  });

  it('decrypts no ciphertext that was changed', () => {
    const keys = new SecretKeys(NEW);
    const encrypted = keys.encrypt('a', PLACE);
    // Not the last letter: some of its bits are no part of any byte.
    const changed =
      encrypted.slice(0, -2) + (encrypted.at(-2) === 'A' ? 'B' : 'A') + encrypted.slice(-1);

    expect(() => keys.decrypt({ id: 's1', encrypted: changed }, 'wf1')).toThrow(
      SecretUnreadableError,
    );
  });

  it('encrypts nothing without a key', () => {
    expect(() => new SecretKeys(undefined).encrypt('a', PLACE)).toThrow(SecretsKeyMissingError);
  });
});
