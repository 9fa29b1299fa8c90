import {
  aRevision,
  aWorkflow,
  MemoryWorkflowStore,
  MemoryActivityStore,
  MemoryScopeStore,
} from '@app/persistence/testing';
import { type Activity, type ActivityCommit, type NewActivity } from '@app/persistence';
import { type Signal, type WorkflowDefinition } from '@app/workflow-engine';
import { type SeededRandom } from '@app/workflow-engine/testing';
import { type Faults, type FaultMode } from './faults.js';
import { FaultyStore, type SharedStore } from './faulty-store.js';
import { judgeClaims } from './judge-claims.js';
import { QueueVerdict } from './queue-verdict.js';
import { type Shared, SimulatedDeliveries } from './simulated-deliveries.js';
import { type SimulatedEvents } from './simulated-events.js';
import { SimulatedExecutor } from './simulated-executor.js';
import { SimulatedFleet } from './simulated-fleet.js';
import { type SimulatedProcess } from './simulated-process.js';
import { SimulatedQueue } from './simulated-queue.js';
import { type Arrival, SimulatedReceiver } from './simulated-receiver.js';
import { SimulatedSender } from './simulated-sender.js';
import { SimulatedSwitches } from './simulated-switches.js';
import { SimulatedTarget } from './simulated-target.js';
import { workerAnswers } from './simulated-workers.js';
import { Trace } from './trace.js';
import { Verdict } from './verdict.js';
import { VirtualTime } from './virtual-time.js';

/** From here on nothing goes wrong any more; and then everything has to end. */
export const CALM_AT_MS = 60_000;
const END_AT_MS = CALM_AT_MS + 600_000;
/** When all is over, what is kept for a moment has been let go of after so long. */
const SETTLED_MS = 30_000;
/** After so long locks are looked at that somebody may have forgotten. */
const LOOKED_AT_MS = 330_000;
const UNWANTED_SHARE = 0.15;
const CALLED_WORKFLOW = { id: 'called', name: 'called' };
/** How far the clocks of executors may be off, in milliseconds. */
export const CLOCK_OFFSET_MS_MAX = 2_000;

/** A judge of one scenario. */
export interface Watcher {
  /** Told of each signal that is on record. */
  readonly onSignal: (id: string, signal: Signal) => void;
  /** Told of each commit just before it takes place, with the record as it is. */
  readonly onCommit: (before: Activity, commit: ActivityCommit) => void;
}

interface SimulationOptions {
  readonly onStoreCall?: (n: number) => void;
  /** Whether each status is told, by which every run has something to deliver. */
  readonly tells?: boolean;
  readonly faultMode?: (isCalm: boolean) => FaultMode;
  /** How many of the runs that tasks ask for the workflow "called" does not want. */
  readonly unwantedShare?: number | undefined;
  /** Whether no lease may run out, whatever else goes wrong. */
  readonly judgesLeases?: boolean;
}

/** A few executors, one store, one target, and time that stands still while anything happens. */
export class Simulation {
  readonly time = new VirtualTime(0);
  readonly trace = new Trace(() => this.time.now);
  readonly records = new MemoryActivityStore();
  readonly scopes = new MemoryScopeStore();
  readonly target: SimulatedTarget;
  readonly receiver: SimulatedReceiver;
  readonly queue: QueueVerdict;
  readonly activities: NewActivity[] = [];
  readonly #deliveries: SimulatedDeliveries;
  readonly #verdict: Verdict;
  readonly #shared: SharedStore;
  readonly #workflows = new MemoryWorkflowStore();
  readonly switches = new SimulatedSwitches(this.#workflows, this.time, this.trace);
  readonly fleet: SimulatedFleet;
  readonly sender: SimulatedSender;
  readonly #watchers: Watcher[] = [];
  #calls = 0;
  /** So many of the first activities are over, and stay so: it is asked at every instant. */
  #over = 0;
  #lastsMs = 0;
  readonly #tells: boolean;
  /** Every process knows of all there is. */
  #isWhole = false;
  readonly #onStoreCall: (n: number) => void;
  readonly #faultMode: () => FaultMode;

  constructor(
    readonly random: SeededRandom,
    faults: Faults,
    {
      onStoreCall = () => undefined,
      tells = true,
      unwantedShare = UNWANTED_SHARE,
      faultMode = (isCalm) => (isCalm ? 'calm' : 'rough'),
      judgesLeases = faultMode(false) === 'slow',
    }: SimulationOptions = {},
  ) {
    const { time, trace, records } = this;
    this.#onStoreCall = onStoreCall;
    this.#tells = tells;
    this.#faultMode = () => faultMode(this.isCalm);
    this.queue = new QueueVerdict((id) => records.peek(id), trace);
    const ownerOf = (process: SimulatedProcess): string | undefined => this.fleet.ownerOf(process);
    this.#verdict = new Verdict(records, trace, ownerOf, this.queue, tells);
    this.fleet = new SimulatedFleet(time, random, trace, (process, nth) =>
      this.#executor(process, nth),
    );
    const { onCall, onRelease } = this.#verdict;
    const onSignal = this.#onSignal;
    this.sender = new SimulatedSender(this, onSignal);
    this.target = new SimulatedTarget(time, random, trace, onCall, () => this.isCalm);
    this.#verdict.target = this.target;
    const onArrival = (arrival: Arrival): void => {
      this.#verdict.onArrival(arrival);
      this.#work(arrival);
    };
    this.receiver = new SimulatedReceiver(time, random, trace, onArrival, this.#faultMode);
    const { receiver } = this;
    const queue = (): SimulatedQueue => this.#queueOf();
    const isUnwanted = (): boolean => !this.isCalm && random.chance(unwantedShare);
    const to = { receiver, workflows: this.#workflows, random, isUnwanted, queue, onArrival };
    this.#deliveries = new SimulatedDeliveries(to);
    const count = (): number => this.#count();
    const onRecord = (activity: NewActivity): void => {
      if (!this.activities.some(({ id }) => id === activity.id)) this.activities.push(activity);
    };
    const onClaim: SharedStore['onClaim'] = (by, claimed) => {
      if (judgesLeases) judgeClaims(by, claimed, trace);
    };
    const hooks = { onCommit: this.#onCommit, onClaim, onSignal, onRelease, onRecord, count };
    this.#shared = { records, time, trace, faults, written: new Map(), ...hooks };
  }

  get isCalm(): boolean {
    return this.time.now >= CALM_AT_MS;
  }

  /** What has arrived where runs that begin others send it. */
  get childArrivals(): readonly Arrival[] {
    return this.#deliveries.childArrivals;
  }

  /** Of a scenario with events that have keys. */
  get events(): SimulatedEvents {
    return this.#deliveries.events;
  }

  get storeCalls(): number {
    return this.#calls;
  }

  /**
   * Until everything has ended.
   *
   * @param script what happens to the system; called when time begins
   * @param lastsMs so long at least
   * @param called of the workflow "called", which its tasks may begin runs of
   */
  async run(
    definition: WorkflowDefinition,
    executors: number,
    script: () => void,
    lastsMs = 0,
    called?: WorkflowDefinition,
  ): Promise<void> {
    this.#lastsMs = lastsMs;
    this.#verdict.doneAgain = doneAgainIn(definition);
    await this.time.during(
      () => this.random.next(),
      async () => {
        await this.#workflows.create(aWorkflow(), aRevision({ definition }));
        this.#isWhole = called !== undefined || this.#deliveries.areShared;
        if (called) {
          const revision = aRevision({ workflowId: 'called', definition: called });
          const triggers = { task: { enabled: true } };
          await this.#workflows.create(aWorkflow({ ...CALLED_WORKFLOW, triggers }), revision);
        }
        for (let at = 0; at < executors; at += 1) this.fleet.launch();
        script();
        await this.time.run(END_AT_MS, () => this.#isOver());
        const isStopped = this.trace.violations.length > 0;
        for (const { id } of isStopped ? [] : this.activities) this.#verdict.judgeEnd(id);
        if (!isStopped && this.#deliveries.areShared) await this.#judgeIdle();
        this.fleet.end();
      },
    );
  }

  /** Locks, slots, or a queue, are as they are in earnest, and all processes share them. */
  have(which: Shared): void {
    this.#deliveries.have(which);
  }

  watch(watcher: Watcher): void {
    this.#watchers.push(watcher);
  }

  #executor(process: SimulatedProcess, nth: number): SimulatedExecutor {
    const store = new FaultyStore(this.#shared, process);
    const offsetMs =
      this.#faultMode() === 'slow'
        ? 0
        : this.random.below(2) * this.random.below(CLOCK_OFFSET_MS_MAX);
    const clock = (): number => this.time.now + offsetMs;
    // Every other one is of an older build, but where all have to know of what is real.
    const isOlder = nth % 2 === 0 && !this.isCalm && !this.#isWhole;
    this.trace.add(process.name, `starts, clock +${offsetMs} ms`);
    return new SimulatedExecutor(
      store,
      this.#workflows,
      this.scopes,
      this.target.handlerOf(process),
      this.#deliveries.of(process, store, clock, isOlder),
      clock,
      this.#tells,
    );
  }

  #queueOf(): SimulatedQueue {
    const { time, random, trace, queue: verdict } = this;
    return new SimulatedQueue({
      ...{ time, random, trace, verdict },
      faultMode: this.#faultMode,
      anyExecutor: () => this.fleet.any(),
      onArrival: this.#verdict.onArrival,
    });
  }

  /** What a worker was given, it answers: now and then never, or more than once. */
  #work(arrival: Arrival): void {
    for (const { afterMs, signal } of workerAnswers(arrival, this.random, this.isCalm)) {
      this.time.after(afterMs, () => {
        this.sender.signal(arrival.activityId, { ...signal, at: this.time.now });
      });
    }
  }

  readonly #onSignal: SharedStore['onSignal'] = (id, signal) => {
    this.#verdict.onSignal(id, signal);
    for (const watcher of this.#watchers) watcher.onSignal(id, signal);
  };

  readonly #onCommit: SharedStore['onCommit'] = (by, commit, issuedAt) => {
    const before = this.records.peek(commit.id);
    if (before) for (const watcher of this.#watchers) watcher.onCommit(before, commit);
    this.#verdict.onCommit(by, commit, issuedAt);
    const { areShared } = this.#deliveries;
    const all = areShared ? this.activities.map(({ id }) => this.records.peek(id)) : [];
    this.#deliveries.judge(commit, all, this.trace);
  };

  /** What executors have in hand, they let go of in a moment when all is over. */
  async #judgeIdle(): Promise<void> {
    await this.time.run(this.time.now + SETTLED_MS, () => false);
    // What was asked for after the end is looked at in a while.
    if ((await this.#deliveries.left()).length > 0)
      await this.time.run(this.time.now + LOOKED_AT_MS, () => false);
    for (const left of await this.#deliveries.left()) this.trace.violation(`${left} is left`);
    for (const { id } of this.activities) this.queue.judgeEnd(id, ['first', 'second', 'last']);
    this.fleet.judgeIdle();
  }

  #count(): number {
    this.#calls += 1;
    this.#onStoreCall(this.#calls);
    return this.#calls;
  }

  #isOver(): boolean {
    if (this.trace.violations.length > 0) return true;
    if (this.time.now < this.#lastsMs || !this.#deliveries.areEmpty) return false;
    while (this.#over < this.activities.length) {
      if (!this.records.isOver(this.activities[this.#over]?.id ?? '')) return false;
      this.#over += 1;
    }
    return true;
  }
}

/** The tasks that each attempt of a run does, also those that have succeeded. */
export function doneAgainIn({ tasks, retry }: WorkflowDefinition): readonly string[] {
  const isFromStart = retry?.from === 'start';
  return tasks.filter((task) => isFromStart || task.finally === true).map(({ name }) => name);
}
