import { type FlowMetrics, type Log } from '@app/observability';
import {
  type ActivityState,
  type Advance,
  breakRun,
  type Failure,
  isFinal,
  ofDelivery,
  withoutAllResults,
} from '@app/workflow-engine';
import { type AddEntries, type TellOrigin } from '../outbox/tell-status.js';
import {
  type Activity,
  type ActivityCommit,
  type ActivityStore,
  type NewActivity,
} from '@app/persistence';
import { isTransient } from './errors.js';
import { type KnownRecord } from './known-record.js';

export interface RunEnd {
  readonly activityId: string;
  readonly workflowId: string;
  /** When it was to begin: `dueAtOf` its record. */
  readonly dueAt: number;
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
  const { activityId, workflowId, dueAt, state, defect, traceId } = end;
  const { status, failure } = state;
  if (!isFinal(status)) return;
  const seconds = (now - dueAt) / 1000;
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

/** When somebody was to begin it, in milliseconds since 1970: as soon as its event was accepted, or later. */
export function dueAtOf({
  createdAt,
  notBefore = createdAt,
}: Pick<NewActivity, 'createdAt' | 'notBefore'>): number {
  return Math.max(createdAt, notBefore);
}

type Facts = Pick<Activity, 'id' | 'workflowId' | 'createdAt' | 'notBefore'> & TellOrigin;

/** Ends runs that can't go on for a reason of ours, and tells operators of each. */
export class RunBreaker {
  constructor(
    private readonly store: ActivityStore,
    private readonly clock: () => number,
    private readonly metrics: FlowMetrics,
    private readonly log: Log,
    private readonly tell: AddEntries = (_, step) => step,
  ) {}

  /**
   * `stale`: somebody has written since `known`, and nothing was ended.
   * @throws StoreUnavailableError, StoreOverloadedError
   */
  async break(
    activity: Facts,
    known: KnownRecord,
    defect: Failure,
  ): Promise<'committed' | 'stale'> {
    const { id, workflowId } = activity;
    const { lockVersion, signals: inbox, outbox: pending } = known;
    const now = this.clock();
    const signals = inbox.map((signal) => signal.id);
    const ends = ({ state, outbox: posted }: Advance): ActivityCommit => {
      const [first] = [...pending, ...posted];
      // Whoever sweeps delivers what is left to be told.
      const left = first && { wakeAt: now, requires: [ofDelivery(first.kind)] };
      const told = posted.length > 0 && { outbox: { posted } };
      return { id, lockVersion, state, before: known.state, signals, ...told, ...left };
    };
    const broken = (before: ActivityState | undefined): Advance =>
      this.tell(known, breakRun(before, defect, inbox, now), now, activity);
    let end = broken(known.state);
    let outcome = await this.#tryTo(ends(end));
    // What its tasks gave may be what can't be written; that they are done, and under which keys, is kept.
    const { state: before } = known;
    for (const less of before
      ? [withoutAllResults(before), { ...before, tasks: {}, results: {} }]
      : []) {
      if (!(outcome instanceof Error)) break;
      end = broken(less);
      outcome = await this.#tryTo(ends(end));
    }
    if (outcome instanceof Error) throw outcome;
    const { state } = end;
    if (outcome === 'committed') {
      const ofOurs = state.failure === defect && { defect };
      reportEnd(
        this.metrics,
        this.log,
        { activityId: id, workflowId, dueAt: dueAtOf(activity), state, ...ofOurs },
        now,
      );
    }
    return outcome;
  }

  /** @returns why it can't be written, whoever tries; @throws what is transient */
  #tryTo(commit: ActivityCommit): Promise<'committed' | 'stale' | Error> {
    return this.store.commit(commit).catch((error: unknown) => {
      if (isTransient(error) || !(error instanceof Error)) throw error;
      return error;
    });
  }
}
