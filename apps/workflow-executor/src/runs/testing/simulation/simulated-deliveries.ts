import { type Activity, type ActivityCommit } from '@app/persistence';
import { type MemoryWorkflowStore } from '@app/persistence/testing';
import { type SeededRandom } from '@app/workflow-engine/testing';
import { lockDeliveries, slotDeliveries } from '../../../locks/lock-deliveries.js';
import { type OutboxDeliveries, type OutboxDelivery } from '../../../outbox/outbox-delivery.js';
import { type FaultyStore } from './faulty-store.js';
import { childrenOf, WatchedDelivery } from './simulated-children.js';
import { judgeSlots } from './judge-slots.js';
import { judgeLocks, SimulatedLocks } from './simulated-locks.js';
import { type SimulatedProcess } from './simulated-process.js';
import { type Arrival, type SimulatedReceiver } from './simulated-receiver.js';
import { type Trace } from './trace.js';

/** How many runs the workflow "called" turns away. */
const SWITCHED_OFF_SHARE = 0.15;

interface Parts {
  readonly receiver: SimulatedReceiver;
  readonly workflows: MemoryWorkflowStore;
  readonly random: SeededRandom;
  readonly isCalm: () => boolean;
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

  constructor(private readonly parts: Parts) {}

  /** Whether runs have locks or slots that are real. */
  get areShared(): boolean {
    return this.#locks !== undefined || this.#slots !== undefined;
  }

  /** Those are as they are in earnest, in the store that all processes share. */
  have(which: 'locks' | 'slots'): void {
    if (which === 'locks') this.#locks = new SimulatedLocks();
    else this.#slots = new SimulatedLocks();
  }

  /** Says it when a commit gives a run what others have. */
  judge(commit: ActivityCommit, all: readonly (Activity | undefined)[], trace: Trace): void {
    if (this.#locks) judgeLocks(commit, all, trace);
    if (this.#slots) judgeSlots(commit, all, trace);
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
  ): OutboxDeliveries {
    const { receiver, onArrival } = this.parts;
    return new Map([
      ...receiver.deliveriesOf(process, isOlder),
      ...watched(this.#childrenOf(store, clock), (arrival) => {
        onArrival(arrival);
        this.childArrivals.push(arrival);
      }),
      ...watched(this.#locks ? lockDeliveries(this.#locks.locksOf(store, clock)) : [], onArrival),
      ...watched(this.#slots ? slotDeliveries(this.#slots.slotsOf(store, clock)) : [], onArrival),
    ]);
  }

  #childrenOf(store: FaultyStore, clock: () => number): OutboxDeliveries {
    const { workflows, random, isCalm } = this.parts;
    const isOff = (): boolean => !isCalm() && random.chance(SWITCHED_OFF_SHARE);
    return childrenOf(store, workflows, clock, isOff);
  }
}

function watched(
  own: Iterable<readonly [string, OutboxDelivery]>,
  onArrival: (arrival: Arrival) => void,
): readonly (readonly [string, OutboxDelivery])[] {
  return [...own].map(([kind, one]) => [kind, new WatchedDelivery(one, onArrival)]);
}
