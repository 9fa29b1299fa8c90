import { type TraceContext } from '@app/observability';
import { type Activity, activityBytes, type NewActivity } from '@app/persistence';
import { type EarlierRun, type Plan, type RunScope } from '@app/workflow-engine';
import { type OfferedSignal } from './offered-signal.js';

export interface EarlierRunRead {
  readonly run: EarlierRun;
  /** The memory that it takes, in bytes. */
  readonly bytes: number;
}

/** The input of the driver of one activity. */
export interface Run {
  readonly activityId: string;
  /** Undefined for an ended run that only has entries to deliver. */
  readonly plan: Plan | undefined;
  readonly scope: RunScope;
  /** The trace of which its calls are children. */
  readonly trace: TraceContext;
  /** The activity as it was accepted; written if it is not on record. */
  readonly origin: NewActivity;
  /** The results and tasks of the run that this one retries; absent if it retries none, or has begun. */
  readonly earlier?: EarlierRunRead;
  /** The record that the run starts from; absent if it starts from a message. */
  readonly found?: Activity;
  /**
   * Present if `found` has no lease and was not claimed. Called when the first commit is stale: the driver then leaves,
   * because the other writer has set a wake-up or driven the run.
   */
  readonly onOutrun?: () => void;
  /** What it takes in memory, in bytes; absent if that is not known yet. */
  readonly bytes?: number;
  /** A signal to take besides those on record. */
  readonly offered?: OfferedSignal;
}

/** The memory that the run takes at first, in bytes: the record that it begins with, as it was read. */
export function bytesOf({ origin, found, earlier, bytes }: Run): number {
  return bytes ?? activityBytes(found ?? origin) + (earlier?.bytes ?? 0);
}
