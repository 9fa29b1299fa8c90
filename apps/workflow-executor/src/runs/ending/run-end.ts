import { type FlowMetrics, type Log } from '@app/observability';
import { type ActivityState, type Failure, isFinal } from '@app/workflow-engine';

export interface RunEnd {
  readonly activityId: string;
  readonly workflowId: string;
  /** When its event was accepted, in milliseconds since 1970. */
  readonly createdAt: number;
  readonly state: ActivityState;
  /** Why it ended, if that was no fault of the workflow or its event but of ours. */
  readonly defect?: Failure | undefined;
  readonly traceId?: string;
}

/**
 * Tells operators of an end that was just committed, once. A fault of ours is an error in the log and
 * has a counter of its own, by code; all others are routine.
 */
export function reportEnd(metrics: FlowMetrics, log: Log, end: RunEnd, now: number): void {
  const { activityId, workflowId, createdAt, state, defect, traceId } = end;
  const { status, failure } = state;
  if (!isFinal(status)) return;
  const seconds = (now - createdAt) / 1000;
  metrics.runEnded(status, seconds);
  if (defect) {
    metrics.runBroken(defect.code);
    log.error({ activityId, workflowId, traceId, code: defect.code }, defect.message);
    return;
  }
  log.routine(
    () => ({ activityId, workflowId, traceId, seconds, code: failure?.code }),
    `Activity ${status}`,
  );
}
