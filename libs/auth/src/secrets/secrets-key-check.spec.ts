import { StoreUnavailableError } from '@app/persistence';
import { SecretsKeyWrongError } from '../errors.js';
import { SecretKeys } from './secret-keys.js';
import { SecretsKeyCheck } from './secrets-key-check.js';

const [A, B, C] = ['a', 'b', 'c'].map((letter) => letter.repeat(32)) as [string, string, string];

/** What is stored, and whether it can be read. */
class Checks {
  texts: readonly string[] = [];
  isAway = false;

  async list(): Promise<readonly string[]> {
    if (this.isAway) throw new StoreUnavailableError('read');
    return this.texts;
  }

  async listOr(first: string): Promise<readonly string[]> {
    if (this.isAway) throw new StoreUnavailableError('read');
    if (this.texts.length === 0) this.texts = [first];
    return this.texts;
  }

  async add(text: string, before: readonly string[]): Promise<boolean> {
    if (before.join() !== this.texts.join()) return false;
    this.texts = [...before, text].slice(-2);
    return true;
  }
}

let checks: Checks;
let errors: unknown[];
let ended: number;
let tellChange: (available: boolean) => void;

beforeEach(() => {
  checks = new Checks();
  errors = [];
  ended = 0;
});

function start(secret?: string, previous?: string): Promise<void> {
  const link = { onChange: (listener: typeof tellChange) => void (tellChange = listener) };
  const log = { error: (facts: object) => void errors.push(facts) };
  return new SecretsKeyCheck(
    new SecretKeys(secret, previous),
    checks,
    link,
    log,
    () => void (ended += 1),
  ).onApplicationBootstrap();
}

describe(SecretsKeyCheck, () => {
  it('accepts the first key, and afterwards no other', async () => {
    await start(A);
    await start(A);

    await expect(start(B)).rejects.toThrow(SecretsKeyWrongError);
    await expect(start(B, C)).rejects.toThrow(SecretsKeyWrongError);
  });

  it('accepts a new key together with the previous one, while other processes have only the previous one', async () => {
    await start(A);
    await start(B, A);
    await start(A);
    await start(B);
    await start(C, B);

    await expect(start(A)).rejects.toThrow(SecretsKeyWrongError);
    expect(checks.texts).toHaveLength(2);
  });

  it('keeps the previous key when two processes start with different new ones at once', async () => {
    await start(A);
    await Promise.all([start(B, A), start(B, A)]);

    expect(checks.texts).toHaveLength(2);
    await start(A);
  });

  it('starts without a key where no process has one, and stores nothing', async () => {
    await start();

    expect(checks.texts).toEqual([]);
  });

  it('does not start without a key where other processes have one', async () => {
    await start(A);

    await expect(start()).rejects.toThrow('SECRETS_KEY is not set here');
  });

  it('starts without MongoDB, and ends later when there is no key', async () => {
    await start(A);
    checks.isAway = true;
    await start();
    checks.isAway = false;

    tellChange(true);
    await new Promise(setImmediate);

    expect(errors).toEqual([{ err: expect.any(SecretsKeyWrongError) as Error }]);
    expect(ended).toBe(1);
  });

  it('starts without MongoDB, and ends later when the key is wrong', async () => {
    await start(A);
    checks.isAway = true;
    await start(B);
    checks.isAway = false;

    tellChange(true);
    await new Promise(setImmediate);

    expect(errors).toEqual([{ err: expect.any(SecretsKeyWrongError) as Error }]);
    expect(ended).toBe(1);
  });
});
