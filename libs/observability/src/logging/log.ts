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

  /**
   * A line about one of many: an event, an activity, a request that was refused. Only so many of
   * them are written in a second, so the fields are asked for when there is room.
   */
  abstract routine(fields: () => LogFields, message: string, level?: 'info' | 'warn'): void;

  /** A log whose every line has these fields too. */
  abstract child(fields: LogFields): Log;
}
