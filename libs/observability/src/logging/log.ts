/** What a line is about, by name. Never a token, a payload or anything else that may be secret. */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * Where libs and apps write their lines: one for each decision, with `activityId` and `traceId`
 * where there are any. An error goes into the field `err`.
 */
export abstract class Log {
  abstract debug(fields: LogFields, message: string): void;
  abstract info(fields: LogFields, message: string): void;
  abstract warn(fields: LogFields, message: string): void;
  abstract error(fields: LogFields, message: string): void;

  /** A log whose every line has these fields too. */
  abstract child(fields: LogFields): Log;
}
