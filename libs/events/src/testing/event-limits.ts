import { type EventLimits } from '../limits.js';

/** The bounds of tests that are not about bounds. */
export const EVENT_LIMITS: EventLimits = {
  nestingMax: 64,
  membersMax: 10_000,
  batchEventsMax: 100,
};
