/** The fields of a line, by name. They must never contain a token, a payload or another secret. */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * The port for log lines. There is one line for each decision, with the fields `activityId` and `traceId` where they
 * are known. An error is the field `err`.
 */
export abstract class Log {
  abstract debug(fields: LogFields, message: string): void;
  abstract info(fields: LogFields, message: string): void;
  abstract warn(fields: LogFields, message: string): void;
  abstract error(fields: LogFields, message: string): void;

  /**
   * Writes a line about a single event, activity or rejected request, of which there may be any number. Only a bounded
   * number of such lines is written in a second; `fields` is called only for those.
   */
  abstract routine(fields: () => LogFields, message: string, level?: 'info' | 'warn'): void;

  /** Returns a log whose lines all have these fields, too. */
  abstract child(fields: LogFields): Log;
}
