import { type JsonLimits } from '@app/json';

export interface EventLimits extends JsonLimits {
  /** Events in one batch. */
  readonly batchEventsMax: number;
}

export const DEFAULT_EVENT_LIMITS: EventLimits = {
  nestingMax: 64,
  membersMax: 10_000,
  batchEventsMax: 100,
};

/** No answer lists more problems than this, however many there are. */
export const PROBLEMS_MAX = 100;
