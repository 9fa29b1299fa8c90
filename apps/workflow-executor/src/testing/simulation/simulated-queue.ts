import { type WorkerTask } from '@app/messaging';
import { type ActivityStore } from '@app/persistence';
import { type OutboxEntry, WORKER_CANCEL_ENTRY, WORKER_TASK_ENTRY } from '@app/workflow-engine';
import { type SeededRandom } from '@app/workflow-engine/testing';
import {
  type DeliveryOutcome,
  type EntryOrigin,
  OutboxDelivery,
} from '../../outbox/outbox-delivery.js';
import { WorkerTaskDelivery } from '../../outbox/worker-task-delivery.js';
import { type FaultMode } from './faults.js';
import { type GivenAnswer, type QueueVerdict } from './queue-verdict.js';
import { answerTo } from './simulated-workers.js';
import { type Running } from './simulated-fleet.js';
import { type SimulatedProcess } from './simulated-process.js';
import { type Arrival } from './simulated-receiver.js';
import { type Trace } from './trace.js';
import { type VirtualTime } from './virtual-time.js';

/** What is not acknowledged comes again after so long, in milliseconds. */
const ACK_WAIT_MS = 6_000;
/** The longest that what was given up may still be on its way, in milliseconds. */
const LATE_MS_MAX = 40_000;

/** `lost`: it is there, and whoever sent it hears nothing. `late`: the same, and it is there when nobody expects it. */
type Outcome = 'arrives' | 'lost' | 'late' | 'not-now';

interface Parts {
  readonly time: VirtualTime;
  readonly random: SeededRandom;
  readonly trace: Trace;
  readonly verdict: QueueVerdict;
  readonly faultMode: () => FaultMode;
  /** Some executor: an answer comes to whoever asks for one. */
  readonly anyExecutor: () => Running;
  readonly onArrival: (arrival: Arrival) => void;
}

/**
 * The streams of tasks and of answers, and the workers between them. A queue has of one attempt one message; a worker
 * that dies has it given to another, and one that dies when it has answered, too. An answer comes again until it
 * is acknowledged, to whichever executor asks for one.
 */
export class SimulatedQueue {
  readonly #queued = new Map<string, WorkerTask>();
  #unacknowledged = 0;

  constructor(private readonly parts: Parts) {}

  /** Whether nothing is left in the streams. */
  get isEmpty(): boolean {
    return this.#queued.size + this.#unacknowledged === 0;
  }

  /** An executor's own code, on the queue as its process reaches it. */
  deliveriesOf(
    by: SimulatedProcess,
    store: ActivityStore,
    clock: () => number,
  ): readonly (readonly [string, OutboxDelivery])[] {
    const send = (entry: OutboxEntry, activityId: string, doIt: () => void): Promise<void> =>
      this.#send(by, `${activityId.slice(0, 6)} entry ${entry.id} ${entry.kind}`, () => {
        this.parts.onArrival({ activityId, entry, isRefused: false });
        doIt();
      });
    const delivery = new QueueDelivery(store, clock, {
      publish: (task, entry, id) =>
        send(entry, id, () => {
          this.#put(task);
        }),
      cancel: (task, entry, id) =>
        send(entry, id, () => {
          this.#queued.delete(task.key);
        }),
    });
    return [WORKER_TASK_ENTRY, WORKER_CANCEL_ENTRY].map((kind) => [kind, delivery] as const);
  }

  async #send(by: SimulatedProcess, what: string, arrive: () => void): Promise<void> {
    const { time, random, trace, faultMode } = this.parts;
    await by.awake();
    const outcome: Outcome =
      faultMode() !== 'rough'
        ? 'arrives'
        : random.pick('arrives', 'arrives', 'arrives', 'lost', 'late', 'not-now');
    trace.add(by.name, `${what}: ${outcome}`);
    await time.wait(this.#wayMs());
    if (outcome === 'late') time.after(random.below(LATE_MS_MAX), arrive);
    else if (outcome !== 'not-now') arrive();
    await time.wait(this.#wayMs());
    await by.awake();
    if (outcome === 'not-now') throw new Error('Not now');
    if (outcome !== 'arrives') await new Promise<never>(() => undefined);
  }

  #put(task: WorkerTask): void {
    if (this.#queued.has(task.key)) return;
    this.parts.verdict.onQueued(task);
    this.#queued.set(task.key, task);
    this.#work(task);
  }

  /** A worker has it: it answers, or dies, or answers and dies. */
  #work(task: WorkerTask): void {
    const { time, random, faultMode } = this.parts;
    const takesMs = faultMode() === 'calm' ? 10 : random.below(random.pick(20, 500, 20_000));
    time.after(takesMs, () => {
      const isCancelled = this.#queued.get(task.key) !== task;
      // The notice that takes it back may be lost.
      if (isCancelled && random.chance(0.7)) return;
      const outcome =
        faultMode() === 'rough'
          ? random.pick('answers', 'answers', 'dies', 'answers-dies')
          : 'answers';
      if (outcome !== 'dies') this.#answer(task);
      if (isCancelled) return;
      if (outcome === 'answers') this.#queued.delete(task.key);
      else
        time.after(ACK_WAIT_MS, () => {
          if (this.#queued.get(task.key) === task) this.#work(task);
        });
    });
  }

  #answer(task: WorkerTask): void {
    const { verdict, random, faultMode, time, trace } = this.parts;
    const answer = answerTo(
      task,
      verdict.answers.length + 1,
      time.now,
      random,
      faultMode() === 'calm',
    );
    verdict.onAnswer(answer);
    trace.add('worker', `answer ${answer.number} to ${label(answer)}: ${answer.outcome}`);
    this.#unacknowledged += 1;
    this.#bring(answer, { isAcknowledged: false });
  }

  #bring(answer: GivenAnswer, delivery: { isAcknowledged: boolean }): void {
    const { time, random, trace, verdict, faultMode, anyExecutor } = this.parts;
    const { process, executor } = anyExecutor();
    const taken = process.awake().then(() => executor.answer(answer.activityId, answer.signal));
    const acknowledge = (): void => {
      if (process.isDead) return;
      trace.add(process.name, `answer ${answer.number} is acknowledged`);
      verdict.onAcknowledged(answer);
      if (delivery.isAcknowledged || (faultMode() === 'rough' && random.chance(0.1))) return;
      delivery.isAcknowledged = true;
      this.#unacknowledged -= 1;
    };
    taken.then(acknowledge, () => undefined);
    time.after(ACK_WAIT_MS, () => {
      if (!delivery.isAcknowledged) this.#bring(answer, delivery);
    });
  }

  #wayMs(): number {
    const { random, faultMode } = this.parts;
    return faultMode() === 'calm' ? 2 : random.below(random.pick(20, 20, 3_000));
  }
}

type Send = (task: WorkerTask, entry: OutboxEntry, activityId: string) => Promise<void>;

/** That of workers, with a queue that knows which entry it is. */
class QueueDelivery extends OutboxDelivery {
  readonly available = true;

  constructor(
    private readonly store: ActivityStore,
    private readonly clock: () => number,
    private readonly to: { readonly publish: Send; readonly cancel: Send },
  ) {
    super();
  }

  override deliver(entry: OutboxEntry, origin: EntryOrigin): Promise<DeliveryOutcome> {
    const queues = {
      available: true,
      publish: (task: WorkerTask) => this.to.publish(task, entry, origin.id),
      cancel: (task: WorkerTask) => this.to.cancel(task, entry, origin.id),
    };
    return new WorkerTaskDelivery(queues, this.store, this.clock).deliver(entry, origin);
  }
}

function label({ activityId, signal: { task, attempt } }: GivenAnswer): string {
  return `${activityId.slice(0, 6)}:${task}:${attempt}`;
}
