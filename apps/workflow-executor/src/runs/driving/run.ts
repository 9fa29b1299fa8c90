import { type TraceContext } from '@app/observability';
import { type Activity, type NewActivity } from '@app/persistence';
import { type EarlierRun, type Plan, type RunScope } from '@app/workflow-engine';
import { type OfferedSignal } from './offered-signal.js';

export interface EarlierRunRead {
  readonly run: EarlierRun;
  /** The memory that it takes, in bytes. */
  readonly bytes: number;
}

/** Everything that driving one activity needs. */
export interface Run {
  readonly activityId: string;
  /** Undefined for an ended run that only has entries to deliver. */
  readonly plan: Plan | undefined;
  readonly scope: RunScope;
  /** The trace that its calls continue. */
  readonly trace: TraceContext;
  /** The activity as it would be recorded now; written if it turns out not to be on record. */
  readonly origin: NewActivity;
  /** What it takes over of the run that it retries; absent for none, and once it has begun. */
  readonly earlier?: EarlierRunRead;
  /** The record, when the run starts from that and not from a message. */
  readonly found?: Activity;
  /**
   * That `found` is nobody's, and was not claimed either. Called when somebody has written since: the driver leaves,
   * because whoever wrote has seen to the rest.
   */
  readonly onOutrun?: () => void;
  /** A signal to take besides those on record. */
  readonly offered?: OfferedSignal;
}
