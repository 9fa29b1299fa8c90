import { type Logger } from 'pino';
import { LineBudget } from './line-budget.js';
import { Log, type LogFields } from './log.js';
import { withoutSecrets } from './redaction.js';

export class PinoLog extends Log {
  readonly #logger: Logger;
  readonly #routine: LineBudget;

  /** @param routine the budget of routine lines; without it they are not bounded */
  constructor(logger: Logger, routine = routineBudget(logger, Infinity)) {
    super();
    this.#logger = logger;
    this.#routine = routine;
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

  override routine(
    fields: () => LogFields,
    message: string,
    level: 'info' | 'warn' = 'info',
  ): void {
    if (this.#logger.isLevelEnabled(level) && this.#routine.take()) this[level](fields(), message);
  }

  override child(fields: LogFields): Log {
    return new PinoLog(this.#logger.child(withoutSecrets(fields)), this.#routine);
  }
}

/** A budget that writes the number of lines left out to the same logger. */
export function routineBudget(logger: Logger, linesPerSecondMax: number): LineBudget {
  return new LineBudget(linesPerSecondMax, (leftOut) => {
    logger.info({ leftOut, linesPerSecondMax }, 'Lines about single events were left out');
  });
}
