import { type TraceContext } from '@app/observability';
import { type Activity, type NewActivity } from '@app/persistence';
import { type Plan, type RunScope } from '@app/workflow-engine';

/** All it takes to drive one activity. */
export interface Run {
  readonly activityId: string;
  /** Undefined for what has ended and only has something to deliver. */
  readonly plan: Plan | undefined;
  readonly scope: RunScope;
  /** What its calls continue. */
  readonly trace: TraceContext;
  /** What would be on record now; written if it turns out that nothing is. */
  readonly origin: NewActivity;
  /** The record, when the run starts from it and not from a message. */
  readonly found?: Activity;
}
