import { type JsonValue } from '@app/json';

/** What one comparison, expression or condition of a filter came to. */
export interface Check {
  readonly holds: boolean;
  /** What it looked at; absent if there was nothing. */
  readonly saw?: JsonValue;
  /** Why it does not hold, where that is not plain from what it saw. */
  readonly reason?: string;
}
