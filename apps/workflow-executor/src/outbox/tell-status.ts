import { type FlowMetrics } from '@app/observability';
import { type ActivityParent } from '@app/persistence';
import { type ActivityState, type Advance, type OutboxEntry, postTo } from '@app/workflow-engine';
import { type WorkflowExecutorConfig } from '../workflow-executor.config.js';

/** The kind of entries that tell of a new status of an activity. */
export const STATUS_ENTRY = 'status';

/** What is on record while a step is about to be written. */
interface Before {
  readonly state?: ActivityState;
  readonly outbox: readonly OutboxEntry[];
}

/** Adds to a step what it has to tell, for the commit that writes both. */
export type Tell = (
  before: Before,
  step: Advance,
  now: number,
  /** The run whose task began it, if one did. */
  parent?: ActivityParent,
) => Advance;

/**
 * Tells of each new status that an activity has on record, in order. While its outbox is full only the end
 * is told; `left` hears of each that is not.
 */
export function tellStatus(left: () => void): Tell {
  return ({ state: before, outbox: pending }, step, now) => {
    const { status, failure } = step.state;
    if (status === before?.status) return step;
    const { code = null } = failure ?? {};
    const previous = before?.status ?? 'queued';
    const payload = { status, previous, code };
    const told = postTo(step, { kind: STATUS_ENTRY, key: STATUS_ENTRY, payload }, pending, now);
    if (!told) left();
    return told ?? step;
  };
}

/** What each step has to tell besides what its tasks do. */
export function tellingOf(
  { STATUS_EVENTS_ENABLED: tells }: Pick<WorkflowExecutorConfig, 'STATUS_EVENTS_ENABLED'>,
  metrics: FlowMetrics,
): Tell {
  if (!tells) return (_, step) => step;
  return tellStatus(() => {
    metrics.statusLeftOut();
  });
}
