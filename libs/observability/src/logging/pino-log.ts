import { type Logger } from 'pino';
import { Log, type LogFields } from './log.js';
import { withoutSecrets } from './redaction.js';

export class PinoLog extends Log {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    super();
    this.#logger = logger;
  }

  override debug(fields: LogFields, message: string): void {
    this.#logger.debug(withoutSecrets(fields), message);
  }

  override info(fields: LogFields, message: string): void {
    this.#logger.info(withoutSecrets(fields), message);
  }

  override warn(fields: LogFields, message: string): void {
    this.#logger.warn(withoutSecrets(fields), message);
  }

  override error(fields: LogFields, message: string): void {
    this.#logger.error(withoutSecrets(fields), message);
  }

  override child(fields: LogFields): Log {
    return new PinoLog(this.#logger.child(withoutSecrets(fields)));
  }
}
