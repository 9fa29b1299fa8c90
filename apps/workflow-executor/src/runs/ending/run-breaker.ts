import { type FlowMetrics, type Log } from '@app/observability';
import { type Activity, type ActivityCommit, type ActivityStore } from '@app/persistence';
import { type ActivityState, breakRun, type Failure } from '@app/workflow-engine';
import { isTransient } from '../errors.js';
import { type KnownRecord } from '../known-record.js';
import { reportEnd } from './run-end.js';

type Facts = Pick<Activity, 'id' | 'workflowId' | 'createdAt'>;

/** Ends runs that can't go on for a reason of ours, and tells operators of each. */
export class RunBreaker {
  constructor(
    private readonly store: ActivityStore,
    private readonly clock: () => number,
    private readonly metrics: FlowMetrics,
    private readonly log: Log,
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
    const { id, workflowId, createdAt } = activity;
    const { lockVersion, signals: inbox } = known;
    const now = this.clock();
    const signals = inbox.map((signal) => signal.id);
    const ends = (state: ActivityState): ActivityCommit => ({ id, lockVersion, state, signals });
    let { state } = breakRun(known.state, defect, inbox, now);
    const outcome = await this.store.commit(ends(state)).catch((error: unknown) => {
      if (isTransient(error)) throw error;
      // What it had done so far may be what can't be written.
      ({ state } = breakRun(undefined, defect, inbox, now));
      return this.store.commit(ends(state));
    });
    if (outcome === 'committed') {
      const ofOurs = state.failure === defect && { defect };
      reportEnd(
        this.metrics,
        this.log,
        { activityId: id, workflowId, createdAt, state, ...ofOurs },
        now,
      );
    }
    return outcome;
  }
}
