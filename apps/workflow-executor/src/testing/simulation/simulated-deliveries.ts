import { type Activity, type ActivityCommit } from '@app/persistence';
import { type MemoryWorkflowStore } from '@app/persistence/testing';
import { childDeliveries } from '../../children/child-deliveries.js';
import { type ChildService } from '../../children/child-service.js';
import { lockDeliveries, slotDeliveries } from '../../locks/lock-deliveries.js';
import { type OutboxDelivery } from '../../outbox/outbox-delivery.js';
import { type FaultyStore } from './faulty-store.js';
import { childrenOf, type ProcessDeliveries, WatchedDelivery } from './simulated-children.js';
import { SimulatedEvents } from './simulated-events.js';
import { judgeSlots } from './judge-slots.js';
import { judgeLocks, SimulatedLocks } from './simulated-locks.js';
import { type SimulatedQueue } from './simulated-queue.js';
import { type SimulatedProcess } from './simulated-process.js';
import { type Arrival, type SimulatedReceiver } from './simulated-receiver.js';
import { type Trace } from './trace.js';

export type Shared = 'locks' | 'slots' | 'queue' | 'events';

interface Parts {
  readonly receiver: SimulatedReceiver;
  readonly workflows: MemoryWorkflowStore;
  /** Whether the workflow "called" does not want the next run that a task asks for. */
  readonly isUnwanted: () => boolean;
  readonly queue: () => SimulatedQueue;
  /** Told of all that arrives at an executor's own code. */
  readonly onArrival: (arrival: Arrival) => void;
}

/** Where outboxes of simulated processes go: to an executor's own code of what is real, else to the receiver. */
export class SimulatedDeliveries {
  /** What has arrived where runs that begin others send it. */
  readonly childArrivals: Arrival[] = [];
  /** Those that are real; without them the receiver takes what is asked of locks. */
  #locks: SimulatedLocks | undefined;
  #slots: SimulatedLocks | undefined;
  /** Without it the receiver takes tasks for workers, and what they answer is put on record by itself. */
  #queue: SimulatedQueue | undefined;
  /** Events that are sent to whoever waits for their key. */
  #events: SimulatedEvents | undefined;

  constructor(private readonly parts: Parts) {}

  /** Whether runs have locks, slots, a queue or events that are real. */
  get areShared(): boolean {
    const all = [this.#locks, this.#slots, this.#queue, this.#events];
    return all.some((one) => one !== undefined);
  }

  /** Those by key, of a scenario that has them. */
  get events(): SimulatedEvents {
    if (!this.#events) throw new Error('Nobody waits for events by key here');
    return this.#events;
  }

  /** Whether nothing is left that somebody will bring to an executor. */
  get areEmpty(): boolean {
    return this.#queue?.isEmpty ?? true;
  }

  /** Those are as they are in earnest, and all processes share them. */
  have(which: Shared): void {
    if (which === 'locks') this.#locks = new SimulatedLocks();
    else if (which === 'slots') this.#slots = new SimulatedLocks();
    else if (which === 'queue') this.#queue = this.parts.queue();
    else this.#events = new SimulatedEvents();
  }

  /** Says it when a commit gives a run what others have. */
  judge(commit: ActivityCommit, all: readonly (Activity | undefined)[], trace: Trace): void {
    if (this.#locks) judgeLocks(commit, all, trace);
    if (this.#slots) judgeSlots(commit, all, trace);
  }

  /** What is left of locks and slots. */
  async left(): Promise<readonly string[]> {
    const [locks = [], slots = []] = [await this.#locks?.left(), await this.#slots?.left()];
    return [...locks, ...slots];
  }

  /**
   * As one process has them.
   *
   * @param isOlder whether it is of a build that knows of nothing but statuses of runs, and of runs that tasks begin
   */
  of(
    process: SimulatedProcess,
    store: FaultyStore,
    clock: () => number,
    isOlder: boolean,
  ): ProcessDeliveries {
    const { receiver, onArrival } = this.parts;
    const children = this.#childrenOf(store, clock);
    const outbox = new Map([
      ...receiver.deliveriesOf(process, isOlder),
      ...watched(childDeliveries(children), (arrival) => {
        onArrival(arrival);
        this.childArrivals.push(arrival);
      }),
      ...(this.#queue?.deliveriesOf(process, store, clock) ?? []),
      ...watched(this.#events?.deliveriesOf(process, store, clock) ?? [], onArrival),
      ...watched(this.#locks ? lockDeliveries(this.#locks.locksOf(store, clock)) : [], onArrival),
      ...watched(this.#slots ? slotDeliveries(this.#slots.slotsOf(store, clock)) : [], onArrival),
    ]);
    return { outbox, children };
  }

  #childrenOf(store: FaultyStore, clock: () => number): ChildService {
    const { workflows, isUnwanted } = this.parts;
    return childrenOf(store, workflows, clock, isUnwanted);
  }
}

function watched(
  own: Iterable<readonly [string, OutboxDelivery]>,
  onArrival: (arrival: Arrival) => void,
): readonly (readonly [string, OutboxDelivery])[] {
  return [...own].map(([kind, one]) => [kind, new WatchedDelivery(one, onArrival)]);
}
