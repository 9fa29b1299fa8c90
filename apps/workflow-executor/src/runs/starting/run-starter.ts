import { activityTrace } from '@app/observability';
import {
  type Activity,
  type ActivityStore,
  type DispatchedActivity,
  FIRST_LOCK_VERSION,
  type NewActivity,
} from '@app/persistence';
import {
  BUILD_FEATURES,
  type Failure,
  FAILURE_CODES,
  isFinal,
  missingFeatures,
  type Plan,
  type Requirements,
  type RunScope,
  type Signal,
  workflowFailure,
} from '@app/workflow-engine';
import { type ActiveRuns } from '../driving/active-runs.js';
import { type Run } from '../driving/run.js';
import { EarlierRuns } from './earlier-runs.js';
import { isTransient } from '../errors.js';
import { knownOf, NEW_RECORD } from '../known-record.js';
import { type UnsupportedRevision, type Plans } from './plans.js';
import { type RunBreaker } from '../run-end.js';
import { type RunScopes } from './run-scopes.js';

type UnsupportedActivity = Pick<Activity, 'id' | 'lockVersion' | 'stateVersion'> &
  UnsupportedRevision;

/** Makes a run of a message or of a record, and begins or resumes it. */
export class RunStarter {
  #notifiedAt: number;
  readonly #earlier: EarlierRuns;

  constructor(
    private readonly plans: Plans,
    private readonly runs: ActiveRuns,
    private readonly store: ActivityStore,
    private readonly clock: () => number,
    private readonly breaker: RunBreaker,
    private readonly scopes: Pick<RunScopes, 'scopeOf'>,
    /** The features of this build. Activities that require others are left to other executors. */
    readonly features: readonly string[] = BUILD_FEATURES,
  ) {
    this.#notifiedAt = clock();
    this.#earlier = new EarlierRuns(store, plans);
  }

  /** The time of the last message about a new activity, at first that of the construction, in ms since 1970. */
  get notifiedAt(): number {
    return this.#notifiedAt;
  }

  /**
   * Begins the run of a dispatch, without reading its record. Any other run but that of a new child has to be begun by
   * `resume`.
   */
  async startNew(origin: DispatchedActivity): Promise<void> {
    this.#notifiedAt = this.clock();
    await this.#startNew(origin, (run) => this.runs.start(run));
  }

  /**
   * Begins the run of a child that this executor has just put on record, and that begins at once, if there is room for
   * it now. Otherwise a sweeper begins it.
   */
  async startChild(origin: NewActivity): Promise<void> {
    await this.#startNew(origin, (run) => this.runs.startAtOnce(run));
  }

  async #startNew(origin: NewActivity, start: (run: Run) => Promise<unknown>): Promise<void> {
    const plan = this.#knownPlanOf(origin) ?? (await this.#planOf(origin));
    if (isUnsupported(plan))
      return this.#leave({ ...origin, ...plan, lockVersion: FIRST_LOCK_VERSION });
    if (isFailure(plan)) return this.#failNew(origin, plan);
    const scope = await this.#scopeOf(origin, plan);
    if (isFailure(scope)) return this.#failNew(origin, scope);
    await start(runOf(origin, plan, scope));
  }

  /**
   * Resumes a recorded activity, unless it has ended and has nothing to deliver, or another executor has its lease.
   * @param more an offered signal that the run takes besides those in its inbox, and whom to tell that it was outrun
   */
  async resume(found: Activity, more: Pick<Run, 'offered' | 'onOutrun'> = {}): Promise<void> {
    const { event, leaseOwner, outbox = [] } = found;
    // Also an expired lease: the sweeper takes it over, which counts such cases.
    const ofAnother = leaseOwner !== undefined && leaseOwner !== this.runs.owner;
    const isOver = isFinal(found.status);
    // Only rejected requests have no event, and they have nothing to deliver.
    if (!event || (isOver && outbox.length === 0) || ofAnother) return;
    if (beginsLater(found, this.clock())) return this.#letWait(found);
    const origin: NewActivity = { ...found, event, wakeAt: found.wakeAt ?? this.clock() };
    const plan = isOver ? undefined : await this.#planOf(found);
    if (plan && isUnsupported(plan)) return this.#leaveOrCancel(found, plan);
    const run = plan && isFailure(plan) ? plan : await this.#runOf(found, origin, plan);
    if (isFailure(run)) {
      await this.breaker.break(found, knownOf(found), run);
      return;
    }
    const ready = { ...run, found, ...more };
    await (!isOver && isCancelled(found) ? this.runs.settle(ready) : this.runs.start(ready));
  }

  /** The run of a recorded activity, or why there can be none. */
  async #runOf(
    found: Activity,
    origin: NewActivity,
    plan: Plan | undefined,
  ): Promise<Run | Failure> {
    const scope = await this.#scopeOf(origin, plan, found.state);
    if (isFailure(scope)) return scope;
    const earlier = plan && !found.state ? await this.#earlier.of(found) : undefined;
    if (earlier && isFailure(earlier)) return earlier;
    return { ...runOf(origin, plan, scope), ...(earlier && { earlier }) };
  }

  /** Leaves the activity until its time has come, and gives up a lease of this executor. */
  async #letWait({ id, leaseOwner, notBefore = 0 }: Activity): Promise<void> {
    if (leaseOwner === undefined) return;
    await this.runs.giveUpLeases([id], notBefore - this.clock());
  }

  /**
   * Records the features that this build lacks, and makes the activity due at once, so that other executors find it. No
   * message and no lease of this executor waits for them.
   */
  async #leave({ id, lockVersion, requires, stateVersion }: UnsupportedActivity): Promise<void> {
    const { owner } = this.runs;
    const wakeAt = this.clock();
    await this.store.leaveToOtherBuilds({ id, lockVersion, requires, stateVersion, wakeAt, owner });
  }

  /** Cancels the run if it has not begun, which needs none of the lacking features; else leaves it to other builds. */
  async #leaveOrCancel(found: Activity, { requires }: UnsupportedRevision): Promise<void> {
    if (isCancelled(found) && !found.state) {
      const lack = `This build lacks what it requires: ${requires.join(', ')}`;
      const failure = workflowFailure(FAILURE_CODES.ENGINE_DEFECT, lack);
      await this.breaker.break(found, knownOf(found), failure);
      return;
    }
    const isNoted = missingFeatures(found, this.features).length > 0;
    if (!isNoted || found.leaseOwner !== undefined) await this.#leave({ ...found, requires });
  }

  /** The plan from the cache, without a promise, which is the usual case. */
  #knownPlanOf({ workflowId, workflowRevision, requires }: NewActivity): Plan | undefined {
    if (missingFeatures({ requires }, this.features).length > 0) return undefined;
    return this.plans.known(workflowId, workflowRevision);
  }

  async #planOf(
    activity: Pick<Activity, 'workflowId' | 'workflowRevision'> & Requirements,
  ): Promise<Plan | Failure | UnsupportedRevision> {
    const { workflowId, workflowRevision, requires = [] } = activity;
    if (missingFeatures(activity, this.features).length > 0) return { requires };
    const of = `revision ${workflowRevision} of workflow "${workflowId}"`;
    try {
      const plan = await this.plans.planOf(workflowId, workflowRevision);
      return (
        plan ?? workflowFailure(FAILURE_CODES.REVISION_NOT_FOUND, `There is no ${of} any more`)
      );
    } catch (error) {
      if (isTransient(error)) throw error;
      return workflowFailure(
        FAILURE_CODES.ENGINE_DEFECT,
        `The engine can't read ${of}: ${String(error)}`,
      );
    }
  }

  /** A defect fails the one activity: it would come again each time that an executor takes it up. */
  async #scopeOf(...of: Parameters<RunScopes['scopeOf']>): Promise<RunScope | Failure> {
    try {
      return await this.scopes.scopeOf(...of);
    } catch (error) {
      if (isTransient(error)) throw error;
      const what = `The engine can't read what the run was begun with: ${String(error)}`;
      return workflowFailure(FAILURE_CODES.ENGINE_DEFECT, what);
    }
  }

  /** Fails an activity that can't be run. If it is not on record yet, it is recorded first, so that it can be seen. */
  async #failNew(origin: NewActivity, defect: Failure): Promise<void> {
    if ((await this.breaker.break(origin, NEW_RECORD, defect)) === 'committed') return;
    const { kind } = await this.store.record(origin);
    if (kind === 'recorded') await this.breaker.break(origin, NEW_RECORD, defect);
  }
}

/** Signals that end a run. */
const ENDING: readonly Signal['kind'][] = ['cancel'];

/** Whether the inbox has a signal that ends the run, so that a driver can only write the end. */
export function isCancelled({ inbox }: Activity): boolean {
  return inbox.some(({ kind }) => ENDING.includes(kind));
}

/** Whether the run is scheduled for later and not cancelled. */
function beginsLater(found: Activity, now: number): boolean {
  const { state, notBefore = 0 } = found;
  return state === undefined && notBefore > now && !isCancelled(found);
}

function isUnsupported(plan: Plan | Failure | UnsupportedRevision): plan is UnsupportedRevision {
  return 'requires' in plan;
}

function isFailure(one: object): one is Failure {
  return 'level' in one;
}

function runOf(origin: NewActivity, plan: Plan | undefined, scope: RunScope): Run {
  return {
    activityId: origin.id,
    plan,
    scope,
    trace: activityTrace(origin.id, origin.event.extensions['traceparent']),
    origin,
  };
}
