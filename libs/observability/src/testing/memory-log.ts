import { Log, type LogFields } from '../logging/log.js';

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly fields: LogFields;
  readonly message: string;
}

/** A log that keeps its lines for tests. */
export class MemoryLog extends Log {
  constructor(
    readonly lines: LogLine[] = [],
    private readonly fields: LogFields = {},
  ) {
    super();
  }

  override debug(fields: LogFields, message: string): void {
    this.#add('debug', fields, message);
  }

  override info(fields: LogFields, message: string): void {
    this.#add('info', fields, message);
  }

  override warn(fields: LogFields, message: string): void {
    this.#add('warn', fields, message);
  }

  override error(fields: LogFields, message: string): void {
    this.#add('error', fields, message);
  }

  override routine(
    fields: () => LogFields,
    message: string,
    level: 'info' | 'warn' = 'info',
  ): void {
    this.#add(level, fields(), message);
  }

  override child(fields: LogFields): Log {
    return new MemoryLog(this.lines, { ...this.fields, ...fields });
  }

  #add(level: LogLine['level'], fields: LogFields, message: string): void {
    this.lines.push({ level, fields: { ...this.fields, ...fields }, message });
  }
}
