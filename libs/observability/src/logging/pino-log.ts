import { type Logger } from 'pino';
import { Log, type LogFields } from './log.js';

export class PinoLog extends Log {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    super();
    this.#logger = logger;
  }

  override debug(fields: LogFields, message: string): void {
    this.#logger.debug(fields, message);
  }

  override info(fields: LogFields, message: string): void {
    this.#logger.info(fields, message);
  }

  override warn(fields: LogFields, message: string): void {
    this.#logger.warn(fields, message);
  }

  override error(fields: LogFields, message: string): void {
    this.#logger.error(fields, message);
  }

  override child(fields: LogFields): Log {
    return new PinoLog(this.#logger.child(fields));
  }
}
