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
import { type AddEntries, type EntryFacts } from '../outbox/status-entries.js';
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
  /** The time at which the run was due to begin: `dueAtOf` its record. */
  readonly dueAt: number;
  readonly state: ActivityState;
  /** The reason of the end, if it is a fault of the system and not of the workflow or its event. */
  readonly defect?: Failure | undefined;
  readonly traceId?: string;
}

/**
 * Reports a committed end in log and metrics. Call it once for each end. A fault of the system is logged as an error and
 * counted by code; other ends are routine.
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

/** When a run is due to begin, in milliseconds since 1970: at its acceptance, or at its scheduled time. */
export function dueAtOf({
  createdAt,
  notBefore = createdAt,
}: Pick<NewActivity, 'createdAt' | 'notBefore'>): number {
  return Math.max(createdAt, notBefore);
}

type Facts = Pick<Activity, 'id' | 'workflowId' | 'createdAt' | 'notBefore'> & EntryFacts;

/** Ends runs that can't go on because of a fault of the system, and reports each. */
export class RunBreaker {
  constructor(
    private readonly store: ActivityStore,
    private readonly clock: () => number,
    private readonly metrics: FlowMetrics,
    private readonly log: Log,
    private readonly addEntries: AddEntries = (_, step) => step,
  ) {}

  /**
   * Ends a run with `defect`.
   * @returns `stale` if the record has changed since `known`; the run has then not ended
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
      // A sweeper delivers the entries of the outbox.
      const left = first && { wakeAt: now, requires: [ofDelivery(first.kind)] };
      const change = posted.length > 0 && { outbox: { posted } };
      return { id, lockVersion, state, before: known.state, signals, ...change, ...left };
    };
    const broken = (before: ActivityState | undefined): Advance =>
      this.addEntries(known, breakRun(before, defect, inbox, now), now, activity);
    let end = broken(known.state);
    let outcome = await this.#tryTo(ends(end));
    // The results of tasks may be what can't be written. Without them, the tasks' status and keys are still kept.
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

  /** @returns the error if the commit can never be written. @throws transient errors */
  #tryTo(commit: ActivityCommit): Promise<'committed' | 'stale' | Error> {
    return this.store.commit(commit).catch((error: unknown) => {
      if (isTransient(error) || !(error instanceof Error)) throw error;
      return error;
    });
  }
}
