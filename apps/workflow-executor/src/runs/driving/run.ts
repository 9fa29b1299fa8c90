import { type TraceContext } from '@app/observability';
import { type Activity, type NewActivity } from '@app/persistence';
import { type EarlierRun, type Plan, type RunScope } from '@app/workflow-engine';
import { type OfferedSignal } from './offered-signal.js';

export interface EarlierRunRead {
  readonly run: EarlierRun;
  /** What it takes of the memory. */
  readonly bytes: number;
}

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
  /** What it takes over of the run that it goes on from; absent for none, and once it has begun. */
  readonly earlier?: EarlierRunRead;
  /** The record, when the run starts from it and not from a message. */
  readonly found?: Activity;
  /** What it goes on by, besides what is on record. */
  readonly offered?: OfferedSignal;
}
