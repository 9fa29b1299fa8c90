import {
  aNewActivity,
  anEvent,
  aRevision,
  aWorkflow,
  MemoryWorkflowStore,
  MemoryActivityStore,
} from '@app/persistence/testing';
import { type NewActivity } from '@app/persistence';
import { isFinal, type Signal, type WorkflowDefinition } from '@app/workflow-engine';
import { type SeededRandom } from '@app/workflow-engine/testing';
import { type OutboxDeliveries, type OutboxDelivery } from '../../../outbox/outbox-delivery.js';
import { type Faults } from './faults.js';
import { FaultyStore, type SharedStore } from './faulty-store.js';
import { childrenOf, WatchedDelivery } from './simulated-children.js';
import { SimulatedExecutor } from './simulated-executor.js';
import { SimulatedProcess } from './simulated-process.js';
import { type Arrival, SimulatedReceiver } from './simulated-receiver.js';
import { SimulatedTarget } from './simulated-target.js';
import { Trace } from './trace.js';
import { Verdict } from './verdict.js';
import { VirtualTime } from './virtual-time.js';

/** From here on nothing goes wrong any more; and then everything has to end. */
export const CALM_AT_MS = 60_000;
const END_AT_MS = CALM_AT_MS + 600_000;
/** How far the clocks of executors may be off, in milliseconds. */
const CLOCK_OFFSET_MS_MAX = 2_000;
/** How many runs the workflow "called" turns away. */
const SWITCHED_OFF_SHARE = 0.15;

interface Running {
  readonly process: SimulatedProcess;
  readonly executor: SimulatedExecutor;
}

/** A few executors, one store, one target, and time that stands still while anything happens. */
export class Simulation {
  readonly time = new VirtualTime(0);
  readonly trace = new Trace(() => this.time.now);
  readonly records = new MemoryActivityStore();
  readonly target: SimulatedTarget;
  readonly receiver: SimulatedReceiver;
  readonly activities: NewActivity[] = [];
  /** What has arrived where runs that begin others send it. */
  readonly childArrivals: Arrival[] = [];
  readonly #verdict: Verdict;
  readonly #shared: SharedStore;
  readonly #workflows = new MemoryWorkflowStore();
  readonly #executors: Running[] = [];
  readonly #owners = new Map<SimulatedProcess, string>();
  #calls = 0;
  /** So many of the first activities are over, and stay so: it is asked at every instant. */
  #over = 0;
  #lastsMs = 0;
  #processes = 0;
  #hasChildren = false;

  constructor(
    readonly random: SeededRandom,
    faults: Faults,
    private readonly onStoreCall: (n: number) => void = () => undefined,
    /** Whether each status is told, by which every run has something to deliver. */
    private readonly tells = true,
  ) {
    const { time, trace, records } = this;
    this.#verdict = new Verdict(records, trace, (process) => this.#owners.get(process));
    const { onCall, onCommit, onSignal } = this.#verdict;
    this.target = new SimulatedTarget(time, random, trace, onCall, () => this.isCalm);
    this.#verdict.target = this.target;
    const { onArrival } = this.#verdict.outbox;
    this.receiver = new SimulatedReceiver(time, random, trace, onArrival, () => this.isCalm);
    const onClaim = (): void => undefined;
    const count = (): number => this.#count();
    const onRecord = (activity: NewActivity): void => {
      if (!this.activities.some(({ id }) => id === activity.id)) this.activities.push(activity);
    };
    const hooks = { onCommit, onClaim, onSignal, onRecord, count };
    this.#shared = { records, time, trace, faults, ...hooks };
  }

  get isCalm(): boolean {
    return this.time.now >= CALM_AT_MS;
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
    await this.time.during(
      () => this.random.next(),
      async () => {
        await this.#workflows.create(aWorkflow(), aRevision({ definition }));
        this.#hasChildren = called !== undefined;
        if (called) await this.#add('called', called);
        for (let at = 0; at < executors; at += 1) this.launch();
        script();
        await this.time.run(END_AT_MS, () => this.#isOver());
        const isStopped = this.trace.violations.length > 0;
        for (const { id } of isStopped ? [] : this.activities) this.#verdict.judgeEnd(id);
        for (const { process } of this.#executors) process.kill();
      },
    );
  }

  launch(): void {
    this.#processes += 1;
    const process = new SimulatedProcess(`E${this.#processes}`, this.time);
    const store = new FaultyStore(this.#shared, process);
    const offsetMs = this.random.below(2) * this.random.below(CLOCK_OFFSET_MS_MAX);
    const clock = (): number => this.time.now + offsetMs;
    const executor = new SimulatedExecutor(
      store,
      this.#workflows,
      this.target.handlerOf(process),
      this.#deliveriesOf(process, this.#childrenOf(store, clock)),
      clock,
      this.tells,
    );
    this.#owners.set(process, executor.owner);
    this.#executors.push({ process, executor });
    this.trace.add(process.name, `starts, clock +${offsetMs} ms`);
  }

  #childrenOf(store: FaultyStore, clock: () => number): OutboxDeliveries {
    const isOff = (): boolean => !this.isCalm && this.random.chance(SWITCHED_OFF_SHARE);
    return childrenOf(store, this.#workflows, clock, isOff);
  }

  async #add(id: string, definition: WorkflowDefinition): Promise<void> {
    const revision = aRevision({ workflowId: id, definition });
    await this.#workflows.create(aWorkflow({ id, name: id }), revision);
  }

  /** Every other process is of a build that does not know of locks and of statuses of tasks; none of those runs what begins others. */
  #deliveriesOf(process: SimulatedProcess, children: OutboxDeliveries): OutboxDeliveries {
    const isOlder = this.#processes % 2 === 0 && !this.isCalm && !this.#hasChildren;
    const kinds = isOlder
      ? ['status']
      : ['status', 'task-status', 'webhook', 'lock-request', 'lock-release'];
    const onArrival = (arrival: Arrival): void => {
      this.#verdict.outbox.onArrival(arrival);
      this.childArrivals.push(arrival);
    };
    return new Map<string, OutboxDelivery>([
      ...kinds.map((kind) => [kind, this.receiver.deliveryOf(process)] as const),
      ...[...children].map(([kind, one]) => [kind, new WatchedDelivery(one, onArrival)] as const),
    ]);
  }

  /** An event is accepted, and a message tells of it; once more if that goes wrong; its id. */
  accept(): string {
    const event = anEvent({ id: `event-${this.activities.length}` });
    const { now } = this.time;
    const origin = aNewActivity({ event, createdAt: now, wakeAt: now + 5_000 });
    this.activities.push(origin);
    void this.records.record(origin);
    this.trace.add('sender', `event ${origin.id.slice(0, 6)}`);
    this.#deliver(origin, 3);
    return origin.id;
  }

  #deliver(origin: NewActivity, deliveries: number): void {
    const { process, executor } = this.#any();
    void process
      .awake()
      .then(() => executor.take(origin))
      .catch(() => {
        if (deliveries > 1)
          this.time.after(1_000, () => {
            this.#deliver(origin, deliveries - 1);
          });
      });
  }

  /** A message comes a second time. No message tells of a run that was refused: nobody is to begin it. */
  redeliver(): void {
    const origin = this.anyActivity();
    const { status = 'queued', state } = this.records.peek(origin.id) ?? {};
    if (state !== undefined || !isFinal(status)) this.#deliver(origin, 1);
  }

  /** Somebody cancels an activity, and mostly who drives it is told. */
  cancel(id = this.anyActivity().id): void {
    const signal = `signal-${this.time.now}-${this.random.below(1_000)}`;
    this.signal(id, { id: signal, kind: 'cancel', reason: 'enough', at: this.time.now });
  }

  /** Somebody tells an activity something, and mostly who drives it is told. */
  signal(id: string, signal: Signal): void {
    void this.records.signal(id, signal).then((outcome) => {
      if (outcome === 'appended') this.#verdict.onSignal(id, signal);
      this.trace.add('sender', `${signal.kind} ${id.slice(0, 6)} ${signal.id}: ${outcome}`);
      if (this.random.chance(0.7)) this.notify(id);
    });
  }

  notify(id = this.anyActivity().id): void {
    for (const { process, executor } of this.#executors) if (process.isRunning) executor.notify(id);
  }

  pause(ms: number): void {
    const { process } = this.#any();
    this.trace.add(process.name, `is paused for ${ms} ms`);
    process.pause(ms);
  }

  cutOff(ms: number): void {
    const { process } = this.#any();
    this.trace.add(process.name, `is cut off from the store for ${ms} ms`);
    process.cutOff(ms);
  }

  /** Nobody takes what runs have to tell. */
  turnAway(ms: number): void {
    this.trace.add('sender', `nothing is taken for ${ms} ms`);
    this.receiver.isDown = true;
    this.time.after(ms, () => {
      this.receiver.isDown = false;
    });
  }

  kill(): void {
    const killed = this.#any();
    this.trace.add(killed.process.name, 'is killed');
    killed.process.kill();
    this.#replace(killed);
  }

  stop(): void {
    const stopped = this.#any();
    this.trace.add(stopped.process.name, 'is told to stop');
    void stopped.executor.stop().then(() => {
      this.trace.add(stopped.process.name, 'has stopped');
      stopped.process.kill();
    });
    this.#replace(stopped);
  }

  #replace(gone: Running): void {
    this.#executors.splice(this.#executors.indexOf(gone), 1);
    this.launch();
  }

  #any(): Running {
    const [first, ...rest] = this.#executors;
    if (!first) throw new Error('There is always one');
    return this.random.pick(first, ...rest);
  }

  anyActivity(): NewActivity {
    const [first, ...rest] = this.activities;
    if (!first) throw new Error('There is always one');
    return this.random.pick(first, ...rest);
  }

  #idAt(at: number): string {
    return this.activities[at]?.id ?? '';
  }

  #count(): number {
    this.#calls += 1;
    this.onStoreCall(this.#calls);
    return this.#calls;
  }

  #isOver(): boolean {
    if (this.trace.violations.length > 0) return true;
    if (this.time.now < this.#lastsMs) return false;
    while (this.#over < this.activities.length) {
      const { status = 'queued', outbox } = this.records.peek(this.#idAt(this.#over)) ?? {};
      if (!isFinal(status) || outbox !== undefined) return false;
      this.#over += 1;
    }
    return true;
  }
}
