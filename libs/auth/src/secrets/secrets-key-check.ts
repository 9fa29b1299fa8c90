import { kill, pid } from 'node:process';
import { type KeyChecks, type MongoLink, StoreUnavailableError } from '@app/persistence';
import { SecretsKeyWrongError } from '../errors.js';
import { type SecretKeys } from './secret-keys.js';

/** The part of a log that is used here. */
interface ErrorLog {
  readonly error: (facts: Readonly<Record<string, unknown>>, message: string) => void;
}

/**
 * Stops the start of a process whose `SECRETS_KEY` is wrong, or missing where other processes have one. Such a
 * process could read no stored secret, and no other process could read what it stores: runs and webhooks would fail
 * on one replica of several. A process that started without MongoDB is stopped in order as soon as MongoDB is
 * reachable.
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
    // Another process was first, most likely with the same new key.
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
