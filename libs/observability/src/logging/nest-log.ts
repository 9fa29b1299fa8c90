import { type LoggerService } from '@nestjs/common';
import { type Log } from './log.js';

/**
 * Writes the lines of Nest itself to a `Log`, by `Logger.overrideLogger(new NestLog(log))` before the app is created.
 * Nest's level `log` is written as `debug`, because Nest uses it for each route and module at the start.
 */
export class NestLog implements LoggerService {
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.#log.debug(fieldsOf(message, rest), textOf(message));
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.#log.debug(fieldsOf(message, rest), textOf(message));
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.#log.debug(fieldsOf(message, rest), textOf(message));
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.#log.warn(fieldsOf(message, rest), textOf(message));
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.#log.error(fieldsOf(message, rest), textOf(message));
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.#log.error(fieldsOf(message, rest), textOf(message));
  }
}

/** The fields of a line. Nest passes the name of the logging class last, and before it perhaps an error or a stack. */
function fieldsOf(message: unknown, rest: readonly unknown[]): Record<string, unknown> {
  const context = rest.at(-1);
  const error = [message, ...rest].find((each) => each instanceof Error);
  const stack = rest.find((each) => typeof each === 'string' && each.includes('\n    at '));
  return {
    ...(typeof context === 'string' && context !== stack && { context }),
    ...(error !== undefined && { err: error }),
    ...(error === undefined && stack !== undefined && { stack }),
  };
}

function textOf(message: unknown): string {
  if (message instanceof Error) return message.message;
  return typeof message === 'string' ? message : JSON.stringify(message);
}
