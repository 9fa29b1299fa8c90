import { type Activity, type Decision, type DecisionRecord } from '@app/persistence';
import { isoTime } from '../iso-time.js';

/** What the listener decided, as the API shows it. */
export interface DecisionView extends Omit<Decision, 'at'> {
  readonly at: string;
  /** With `lastAt`: how many times since `at`. */
  readonly count: number;
  readonly lastAt?: string;
}

export function decisionView({ first, count, lastAt }: DecisionRecord): DecisionView {
  const at = isoTime(first.at);
  return { ...first, at, count, ...(count > 1 && { lastAt: isoTime(lastAt) }) };
}

/** The decision for an activity on record: its event was accepted, even if the decision itself was only counted. */
export function acceptedView({
  id,
  workflowId,
  trigger,
  createdAt,
  event,
}: Activity): DecisionView {
  return {
    outcome: 'accepted',
    workflowId,
    trigger,
    ...(event && { eventId: event.id, source: event.source, type: event.type }),
    activityId: id,
    at: isoTime(createdAt),
    count: 1,
  };
}
