import { type JsonValue } from '@app/json';

/** The result of one comparison, expression or condition of a filter. */
export interface Check {
  readonly holds: boolean;
  /** What it looked at; absent if there was nothing. */
  readonly saw?: JsonValue;
  /** Why it does not hold, if `saw` does not show that. */
  readonly reason?: string;
}

/** The fixed cost of each clause: it is looked up, and its result is stored. */
export const CLAUSE_STEPS = 8;

/** The result of a clause that would cost more than is left. */
export function beyondSteps(stepsMax: number, saw?: Check['saw']): Check {
  const reason = `all filters together may take ${stepsMax} steps for one event (FILTER_STEPS_MAX), and this is beyond`;
  return { holds: false, reason, ...(saw !== undefined && { saw }) };
}
