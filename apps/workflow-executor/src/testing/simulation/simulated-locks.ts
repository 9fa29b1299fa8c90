import {
  type Activity,
  type ActivityCommit,
  type LockHolder,
  type LockRejection,
  type LockRequest,
  LockStore,
} from '@app/persistence';
import { MemoryLockStore } from '@app/persistence/testing';
import { isFinal, type TaskState } from '@app/workflow-engine';
import { LockService } from '../../locks/lock-service.js';
import { SlotService } from '../../locks/slot-service.js';
import { type FaultyStore } from './faulty-store.js';
import { type Trace } from './trace.js';

type LockAsker = Pick<LockRequest, 'lock' | 'activity' | 'task' | 'attempt'>;

const LOOK_MS = 1_500;
/** More than a simulation has runs. */
const QUEUE_MAX = 1_000;
/** The tasks of a run that take and give back the lock that all runs of a scenario want. */
const TAKES = 'hold';
const GIVES = 'free';

/** The locks, or the slots, of all processes, as each of them sees them: over a network, and with a deadline. */
export class SimulatedLocks {
  readonly #locks = new MemoryLockStore();

  /** What somebody still has, or waits for. */
  async left(): Promise<readonly string[]> {
    const left = await this.#locks.due(Infinity, QUEUE_MAX);
    return left.map(({ lock, activity, task }) => `${lock} of ${activity.slice(0, 6)}:${task}`);
  }

  /** An executor's own code, which looks for what is due from now on. */
  locksOf(store: FaultyStore, clock: () => number): LockService {
    return looking(new LockService(new FaultyLocks(this.#locks, store), store, clock, ignore));
  }

  /** The same for slots. */
  slotsOf(store: FaultyStore, clock: () => number): SlotService {
    const slots = new FaultyLocks(this.#locks, store);
    return looking(new SlotService(slots, store, clock, ignore, QUEUE_MAX));
  }
}

function looking<Service extends LockService>(service: Service): Service {
  const look = (): void => {
    setTimeout(() => void service.look().catch(ignore).finally(look), LOOK_MS);
  };
  look();
  return service;
}

/** Says it when a commit lets a run have the lock that another one has. */
export function judgeLocks(
  { id, state }: ActivityCommit,
  others: readonly (Activity | undefined)[],
  trace: Trace,
): void {
  if (!holds(state.status, state.tasks)) return;
  for (const other of others) {
    if (other === undefined || other.id === id || !other.state) continue;
    if (!holds(other.state.status, other.state.tasks)) continue;
    trace.violation(`${id.slice(0, 6)} has the lock that ${other.id.slice(0, 6)} has`);
  }
}

function holds(
  status: Parameters<typeof isFinal>[0],
  tasks: Readonly<Record<string, TaskState>>,
): boolean {
  const gives = tasks[GIVES]?.status;
  // One that an operator has completed has no lock.
  const takes = tasks[TAKES];
  const isTaken = takes?.status === 'succeeded' && takes.forced === undefined;
  const isGiven = GIVES in tasks && gives !== 'pending' && gives !== 'waiting';
  return !isFinal(status) && isTaken && !isGiven;
}

class FaultyLocks extends LockStore {
  constructor(
    private readonly locks: LockStore,
    private readonly store: FaultyStore,
  ) {
    super();
  }

  override ask(request: LockRequest, lookAt: number): Promise<void> {
    return this.#call('lock ask', request, () => this.locks.ask(request, lookAt));
  }

  override withdraw(asker: LockAsker): Promise<void> {
    return this.#call('lock withdraw', asker, () => this.locks.withdraw(asker));
  }

  override grant(lock: string, now: number, lookAt: number): Promise<LockHolder | undefined> {
    return this.store.call('lock grant', '', () => this.locks.grant(lock, now, lookAt));
  }

  override holderOf(lock: string): Promise<LockHolder | undefined> {
    return this.store.call('lock holder', '', () => this.locks.holderOf(lock));
  }

  override markSignalled(holder: LockRequest, now: number, lookAt: number): Promise<void> {
    return this.#call('lock told', holder, () => this.locks.markSignalled(holder, now, lookAt));
  }

  override newest(
    ...asked: Parameters<LockStore['newest']>
  ): Promise<readonly (LockHolder | LockRequest)[]> {
    return this.store.call('lock newest', '', () => this.locks.newest(...asked));
  }

  override reject(asker: LockAsker, why: LockRejection, lookAt: number): Promise<boolean> {
    return this.#call('lock no', asker, () => this.locks.reject(asker, why, lookAt));
  }

  override countWaitingBefore(request: LockRequest, max: number): Promise<number> {
    return this.#call('lock count', request, () => this.locks.countWaitingBefore(request, max));
  }

  override keepBack(asker: LockAsker, keptMs: number, now: number): Promise<void> {
    return this.#call('lock keep', asker, () => this.locks.keepBack(asker, keptMs, now));
  }

  override due(now: number, limit: number): Promise<readonly (LockHolder | LockRequest)[]> {
    return this.store.call('claim', '', () => this.locks.due(now, limit));
  }

  override lookAgain(found: LockHolder | LockRequest, lookAt: number): Promise<void> {
    return this.#call('lock again', found, () => this.locks.lookAgain(found, lookAt));
  }

  override lookAgainAtQueue(...asked: Parameters<LockStore['lookAgainAtQueue']>): Promise<void> {
    return this.store.call('lock queue', '', () => this.locks.lookAgainAtQueue(...asked));
  }

  #call<T>(what: string, { activity }: LockAsker, work: () => Promise<T>): Promise<T> {
    return this.store.call(what, activity, work);
  }
}

function ignore(): void {
  // It is looked at again.
}
