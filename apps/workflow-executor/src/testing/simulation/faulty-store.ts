import {
  type Activity,
  type ActivityCommit,
  ActivityStore,
  type DueClaim,
  type LeaseRelease,
  type DeliveredRun,
  type NewActivity,
  type RecordOutcome,
  type RunEnd,
  StoreOverloadedError,
  StoreUnavailableError,
} from '@app/persistence';
import { type MemoryActivityStore } from '@app/persistence/testing';
import { type ActivityStatus, type Failure, type Signal } from '@app/workflow-engine';
import { type Faults } from './faults.js';
import { type SimulatedProcess } from './simulated-process.js';
import { type Trace } from './trace.js';
import { type VirtualTime } from './virtual-time.js';

type Signalled = Awaited<ReturnType<ActivityStore['signal']>>;

/** When a caller gives a call up, as the driver of MongoDB does, in milliseconds. */
const DEADLINE_MS = 3_000;
/** The longest that a call which was given up may still be under way, in milliseconds. */
const LATE_MS_MAX = 40_000;
const ROUND_TRIP_MS_MAX = 20;

/** What all processes share: the store, the count of its calls and what goes wrong with them. */
export interface SharedStore {
  readonly records: MemoryActivityStore;
  readonly time: VirtualTime;
  readonly trace: Trace;
  readonly faults: Faults;
  /** Told of each write of a process just before it takes place, and just after. */
  readonly onCommit: (process: SimulatedProcess, commit: ActivityCommit, issuedAt: number) => void;
  /** Told of each run that its executor lets go of, as it is on record, just before. */
  readonly onRelease: (process: SimulatedProcess, before: Activity, run: DeliveredRun) => void;
  readonly onSignal: (id: string, signal: Signal) => void;
  /** Told of what a sweeper has claimed. */
  readonly onClaim: (process: SimulatedProcess, claimed: readonly Activity[]) => void;
  /** Told of what a process has put on record that was not there. */
  readonly onRecord: (activity: NewActivity) => void;
  /** The last commit or claim of each activity, which its record names (`CommitWriter`). */
  readonly written: Map<string, ActivityCommit | DueClaim>;
  /** The number of the call that comes now. */
  readonly count: () => number;
}

/** The store as one process sees it, over a network and with a deadline. */
export class FaultyStore extends ActivityStore {
  constructor(
    private readonly shared: SharedStore,
    private readonly process: SimulatedProcess,
  ) {
    super();
  }

  override record(activity: NewActivity): Promise<RecordOutcome> {
    return this.call('record', activity.id, async () => {
      const outcome = await this.shared.records.record(activity);
      if (outcome.kind === 'recorded') this.shared.onRecord(activity);
      return outcome;
    });
  }

  override recordEarlier(activity: NewActivity): Promise<'replaced' | 'kept'> {
    return this.call('record earlier', activity.id, () =>
      this.shared.records.recordEarlier(activity),
    );
  }

  override async commit(commit: ActivityCommit): Promise<'committed' | 'stale'> {
    const { id, lockVersion, state } = commit;
    const { records, time, written } = this.shared;
    const issuedAt = time.now;
    const what = `commit@${lockVersion} ${state.status}${outboxOf(commit)}`;
    const outcome = await this.call(what, id, async () => {
      if (records.peek(id)?.lockVersion === lockVersion)
        this.shared.onCommit(this.process, commit, issuedAt);
      const settled = await records.commit(commit);
      if (settled === 'committed') written.set(id, commit);
      return settled;
    });
    // Over which another commit or claim was written before it could be read again, that counts as stale (`CommitWriter`).
    const isOvertaken = written.get(id) !== commit;
    return outcome === 'committed' && isOvertaken && this.shared.faults.delayMs(1) === 1
      ? 'stale'
      : outcome;
  }

  override get(id: string): Promise<Activity | undefined> {
    return this.call('get', id, () => this.shared.records.get(id));
  }

  override getWithoutEvent(id: string): Promise<Activity | undefined> {
    return this.call('get', id, () => this.shared.records.getWithoutEvent(id));
  }

  override signal(id: string, signal: Signal): Promise<Signalled> {
    return this.call(`signal ${signal.id}`, id, async () => {
      const outcome = await this.shared.records.signal(id, signal);
      if (outcome === 'appended') this.shared.onSignal(id, signal);
      return outcome;
    });
  }

  override claimDue(claim: DueClaim): Promise<readonly Activity[]> {
    return this.call('claim', '', async () => {
      const claimed = await this.shared.records.claimDue(claim);
      for (const { id, leaseOwner } of claimed) {
        if (leaseOwner !== undefined) this.shared.written.set(id, claim);
      }
      this.shared.onClaim(this.process, claimed);
      return claimed;
    });
  }

  override release(release: LeaseRelease): Promise<void> {
    return this.call('release', release.ids.join(' '), () => this.shared.records.release(release));
  }

  override releaseDelivered(runs: readonly DeliveredRun[]): Promise<'all' | 'some'> {
    const ids = runs.map(({ id }) => id);
    return this.call('let go', ids.join(' '), () => {
      for (const run of runs) {
        const before = this.shared.records.peek(run.id);
        if (before?.lockVersion === run.lockVersion)
          this.shared.onRelease(this.process, before, run);
      }
      return this.shared.records.releaseDelivered(runs);
    });
  }

  override leaveToOtherBuilds(): never {
    throw new Error('Every process here is of one build');
  }

  override countUnsupported(): never {
    throw new Error('Every process here is of one build');
  }

  override statusOf(id: string): Promise<ActivityStatus | undefined> {
    return this.call('status', id, () => this.shared.records.statusOf(id));
  }

  override workflowOf(id: string): Promise<string | undefined> {
    return this.call('workflow', id, () => this.shared.records.workflowOf(id));
  }

  override waitingFor(
    workflowId: string,
    waitKey: string,
    limit: number,
  ): Promise<readonly string[]> {
    return this.call('waits', workflowId, () =>
      this.shared.records.waitingFor(workflowId, waitKey, limit),
    );
  }

  override endsOf(ids: readonly string[], resultsBytesMax: number): Promise<readonly RunEnd[]> {
    return this.call('ends', ids.join(' '), () => this.shared.records.endsOf(ids, resultsBytesMax));
  }

  override recordRefused(activity: NewActivity, failure: Failure): Promise<'recorded' | 'there'> {
    return this.call('record refused', activity.id, async () => {
      const outcome = await this.shared.records.recordRefused(activity, failure);
      if (outcome === 'recorded') this.shared.onRecord(activity);
      return outcome;
    });
  }

  override children(): never {
    throw new Error('Nobody lists children here');
  }

  override countDescendant(
    root: string,
    countMax: number,
  ): Promise<'counted' | 'full' | 'not-found'> {
    return this.call('count', root, () => this.shared.records.countDescendant(root, countMax));
  }

  override withSignals(ids: readonly string[]): Promise<readonly string[]> {
    return this.call('inboxes', ids.join(' '), () => this.shared.records.withSignals(ids));
  }

  override list(): never {
    throw new Error('Nobody lists here');
  }

  override dueSince(now: number): Promise<number | undefined> {
    return this.shared.records.dueSince(now);
  }

  override backlog(
    ...counted: Parameters<ActivityStore['backlog']>
  ): Promise<Readonly<Record<string, number>>> {
    return this.shared.records.backlog(...counted);
  }

  /** Whatever this process asks of MongoDB. */
  async call<T>(what: string, id: string, work: () => Promise<T>): Promise<T> {
    const { time, faults, trace } = this.shared;
    await this.process.awake();
    const fault = faults.at(this.shared.count());
    const isLost = fault === 'fails' || fault === 'overloaded' || this.process.isCutOff;
    const slowMs = fault === 'slow' ? faults.delayMs(DEADLINE_MS / 2) : 0;
    const wayMs = faults.delayMs(ROUND_TRIP_MS_MAX / 2) + slowMs;
    if (fault === 'late') this.#doLate(what, id, work);
    await time.wait(fault === 'late' || this.process.isCutOff ? DEADLINE_MS : wayMs);
    if (isLost || fault === 'late') {
      this.#say(what, id, fault === 'none' ? 'cut off' : fault);
      return this.#fail(what, fault);
    }
    const outcome = await work();
    const told =
      typeof outcome === 'string' ? outcome : Array.isArray(outcome) ? outcome.length : '';
    if (what !== 'claim' || told !== 0)
      this.#say(what, id, `${told} ${fault === 'none' ? '' : fault}`);
    await time.wait(fault === 'unanswered' ? DEADLINE_MS : wayMs);
    if (fault === 'unanswered') return this.#fail(what, fault);
    await this.process.awake();
    if (trace.violations.length > 0) await new Promise<never>(() => undefined);
    return outcome;
  }

  #doLate<T>(what: string, id: string, work: () => Promise<T>): void {
    this.shared.time.after(this.shared.faults.delayMs(LATE_MS_MAX), () => {
      this.#say(what, id, 'late, now');
      void work();
    });
  }

  async #fail(what: string, fault: string): Promise<never> {
    await this.process.awake();
    throw fault === 'overloaded' ? new StoreOverloadedError(what) : new StoreUnavailableError(what);
  }

  #say(what: string, id: string, outcome: string): void {
    this.shared.trace.add(this.process.name, `${what} ${id.slice(0, 6)} ${outcome}`.trim());
  }
}

function outboxOf({ outbox: { posted = [], gone = [] } = {} }: ActivityCommit): string {
  const changes = [...posted.map(({ id }) => `+${id}`), ...gone.map((id) => `-${id}`)];
  return changes.length === 0 ? '' : ` ${changes.join('')}`;
}
