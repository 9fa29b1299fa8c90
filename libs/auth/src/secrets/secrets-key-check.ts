import { kill, pid } from 'node:process';
import { type KeyChecks, type MongoLink, StoreUnavailableError } from '@app/persistence';
import { SecretsKeyWrongError } from '../errors.js';
import { type SecretKeys } from './secret-keys.js';

/** As much of a log as it needs. */
interface ErrorLog {
  readonly error: (facts: Readonly<Record<string, unknown>>, message: string) => void;
}

/**
 * Keeps a process with a wrong `SECRETS_KEY` from starting, or with none where others have one: what it stored nobody
 * else could read, and it could read nothing, so runs and webhooks would fail on one replica of several. One that began without MongoDB ends, in order, as soon as that is there.
 */
export class SecretsKeyCheck {
  constructor(
    private readonly keys: SecretKeys,
    private readonly checks: Pick<KeyChecks, 'list' | 'listOr' | 'add'>,
    private readonly link: Pick<MongoLink, 'onChange'>,
    private readonly log: ErrorLog,
    private readonly end: () => void = () => void kill(pid, 'SIGTERM'),
  ) {}

  /** Called by Nest before the server listens. @throws SecretsKeyWrongError */
  async onApplicationBootstrap(): Promise<void> {
    try {
      await this.verify();
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      this.#verifyLater();
    }
  }

  /** @throws SecretsKeyWrongError, StoreUnavailableError */
  async verify(): Promise<void> {
    if (!this.keys.hasKey) {
      if ((await this.checks.list()).length > 0) throw new SecretsKeyWrongError('missing');
      return;
    }
    const check = this.keys.newCheck();
    const known = await this.checks.listOr(check);
    const kinds = known.map((one) => this.keys.madeWith(one));
    if (kinds.includes('current')) return;
    if (!kinds.includes('previous')) throw new SecretsKeyWrongError('another');
    // Somebody else was first: with the same new key, most likely.
    if (!(await this.checks.add(check, known))) await this.verify();
  }

  #verifyLater(): void {
    let isDone = false;
    this.link.onChange((available) => {
      if (!available || isDone) return;
      this.verify().then(
        () => (isDone = true),
        (err: unknown) => {
          if (!(err instanceof SecretsKeyWrongError)) return;
          this.log.error({ err }, err.message);
          this.end();
        },
      );
    });
  }
}
