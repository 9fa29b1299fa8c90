import { type Activity, type ActivityCommit, keysOf, type DeliveredRun } from '@app/persistence';
import { type MemoryActivityStore } from '@app/persistence/testing';
import {
  type Failure,
  isFinal,
  nextWakeAt,
  type Signal,
  type TaskState,
} from '@app/workflow-engine';
import { OutboxVerdict } from './outbox-verdict.js';
import { type QueueVerdict } from './queue-verdict.js';
import { STEP_SIGNALS_MAX } from '../../runs/known-record.js';
import { type SimulatedProcess } from './simulated-process.js';
import { type Arrival } from './simulated-receiver.js';
import { ANSWERED, label, type MadeCall, type SimulatedTarget } from './simulated-target.js';
import { StatusVerdict } from './status-verdict.js';
import { type Trace } from './trace.js';

type Tasks = Readonly<Record<string, TaskState>>;

/**
 * Watches a simulation from outside, with nothing but what reaches the store and the target, and says
 * what breaks a promise:
 *
 * - a signal that was taken takes effect exactly once, and the run ends as it says; one event moves
 *   one of two tasks that wait for it one after the other;
 * - a result that a driver has got is in the commit with which it moves its task on;
 * - a result counts for the hand-out of the attempt that it answers, and no other;
 * - a call is not made again while who made it lives and has it, and who says that it is under way
 *   has made it;
 * - no call is made under a new key unless all under those before are known to have failed, or their task is done again;
 * - nothing is called that is not claimed on record;
 * - nobody writes over the lease of another, or after the end, or changes a task that is over, but to begin the run again;
 * - a run that has ended has no task that is not over;
 * - a run is let go of only by who has it, without calls, and somebody looks at it when its first task is due;
 *
 * and what `OutboxVerdict`, `QueueVerdict` and `StatusVerdict` say.
 */
export class Verdict {
  readonly #claimed = new Set<string>();
  /** How often each has taken effect, by activity and id. */
  readonly #signals = new Map<string, number>();
  readonly #signalled = new Set<string>();
  readonly outbox: OutboxVerdict;
  readonly #statuses: StatusVerdict;
  target: SimulatedTarget | undefined;
  /** The tasks that each attempt of a run does, also those that have succeeded. */
  doneAgain: readonly string[] = [];
  /** The keys of calls that succeeded in an earlier attempt of their run. */
  readonly #earlier = new Set<string>();

  constructor(
    private readonly records: MemoryActivityStore,
    private readonly trace: Trace,
    private readonly ownerOf: (process: SimulatedProcess) => string | undefined,
    private readonly queue: QueueVerdict,
    private readonly tells: boolean,
  ) {
    this.#statuses = new StatusVerdict(trace);
    this.outbox = new OutboxVerdict(trace, (what) => {
      this.#broken(what);
    });
  }

  readonly onArrival = (arrival: Arrival): void => {
    this.outbox.onArrival(arrival);
    this.#statuses.onArrival(arrival);
  };

  readonly onSignal = (id: string, signal: Signal): void => {
    this.#signals.set(`${id} ${signal.id}`, 0);
    // A run that has timed out ends so, once its tasks of `finally` are over.
    const isTooLate = this.records.peek(id)?.state?.concluded?.outcome.status === 'timedout';
    if (signal.kind === 'cancel' && !isTooLate) this.#signalled.add(id);
  };

  readonly onCall = (call: MadeCall): void => {
    const { task, key, attempt, repeats, by } = call;
    if (!this.#claimed.has(`${by.name} ${task} ${attempt}.${repeats}`)) {
      this.#broken(`call ${call.number} ${label(key)} is not claimed on record`);
    }
    const others = this.#callsOf(task).filter((other) => other !== call && other.key !== key);
    for (const other of others.filter((one) => !this.#isSettled(one))) {
      const keys = `${label(key)} after call ${other.number} ${label(other.key)} (${other.outcome})`;
      this.#broken(`call ${call.number} has another key: ${keys}`);
    }
  };

  readonly onCommit = (by: SimulatedProcess, commit: ActivityCommit, issuedAt: number): void => {
    const before = this.records.peek(commit.id);
    if (!before) return;
    this.#judgeRecord(before, commit, this.ownerOf(by));
    this.#judgeSignals(before, commit);
    this.outbox.onCommit(before, commit);
    this.queue.onCommit(before, commit);
    const tasks: Tasks = commit.state.tasks;
    const isRetry = before.retryOf !== undefined && before.state === undefined;
    for (const name of isRetry ? this.doneAgain : [])
      this.#noteEarlier(`${keysOf(before)}:${name}`);
    for (const [name, was] of Object.entries(before.state?.tasks ?? {})) {
      const is = tasks[name];
      const task = `${keysOf(before)}:${name}`;
      const isSameRun = before.state?.again?.attempt === commit.state.again?.attempt;
      const isDoneAgain = !isSameRun && this.doneAgain.includes(name);
      if (isDoneAgain) this.#noteEarlier(task);
      if (!isSameRun && isDecided(name, commit)) this.#noteEarlier(task, 'all');
      if (isOver(was) && isSameRun && JSON.stringify(is) !== JSON.stringify(was)) {
        this.#broken(`${label(task)} was over (${was.status}) and changes`);
      }
      if (was.status === 'running' && is && !isDoneAgain)
        this.#judgeMove(by, task, was, is, issuedAt);
    }
    for (const [name, is] of Object.entries(tasks)) {
      if (is.status !== 'running') continue;
      this.#claimed.add(`${by.name} ${keysOf(before)}:${name} ${is.attempt}.${is.repeats ?? 0}`);
    }
  };

  readonly onRelease = (by: SimulatedProcess, before: Activity, run: DeliveredRun): void => {
    const { leaseOwner, state } = before;
    const name = run.id.slice(0, 6);
    if (leaseOwner !== this.ownerOf(by)) this.#broken(`${name} is let go of by who has no lease`);
    if (Object.values(state?.tasks ?? {}).some(({ status }) => status === 'running'))
      this.#broken(`${name} is let go of while a call is under way`);
    if (run.wakeAt > ((state && nextWakeAt(state)) ?? Infinity))
      this.#broken(`${name} is let go of, and nobody looks at it when it is due`);
    this.outbox.onRelease(before, run);
  };

  /** At the end, when nothing has gone wrong for long. */
  judgeEnd(id: string): void {
    const { status, inbox = [] } = this.records.peek(id) ?? {};
    const name = id.slice(0, 6);
    if (status === undefined || !isFinal(status)) this.#broken(`${name} never ends: ${status}`);
    if (inbox.length > 0) this.#broken(`${name} has ended with signals that nobody took`);
    const isCancelled = status === 'cancelled';
    if (isCancelled !== this.#signalled.has(id)) {
      this.#broken(`${name} is ${status}, and ${isCancelled ? 'nobody' : 'somebody'} cancelled it`);
    }
    this.#judgeResults(id);
    this.#judgeEvents(id);
    this.outbox.judgeEnd(id);
    const ended = this.records.peek(id);
    if (ended && this.tells) this.#statuses.judgeEnd(id, ended);
  }

  /** An event moves one of the tasks that wait for its topic one after the other, and no other. */
  #judgeEvents(id: string): void {
    const tasks = Object.values(this.records.peek(id)?.state?.tasks ?? {});
    const payloads = tasks.flatMap((task) =>
      task.status === 'succeeded' && typeof task.results['payload'] === 'string'
        ? [task.results['payload']]
        : [],
    );
    if (new Set(payloads).size < payloads.length) {
      this.#broken(`${id.slice(0, 6)} took an event twice: ${payloads.join(', ')}`);
    }
  }

  #judgeRecord(before: Activity, { id, state }: ActivityCommit, owner?: string): void {
    const name = id.slice(0, 6);
    if (isFinal(before.status) && JSON.stringify(state) !== JSON.stringify(before.state)) {
      this.#broken(`${name} has ended and changes`);
    }
    const isLeased = before.leaseOwner !== undefined && before.leaseOwner !== owner;
    if (isLeased && !this.queue.hasIdleLease(before)) {
      this.#broken(`${name} is written by one who has no lease`);
    }
    const ended = isFinal(state.status);
    for (const [task, { status }] of Object.entries(state.tasks)) {
      if (ended && ['pending', 'running', 'waiting'].includes(status)) {
        this.#broken(`${name} has ended with ${task} ${status}`);
      }
    }
  }

  #judgeSignals({ id, inbox }: Activity, { signals = [], leaseOwner }: ActivityCommit): void {
    for (const signal of signals) {
      const key = `${id} ${signal}`;
      const times = (this.#signals.get(key) ?? 0) + 1;
      this.#signals.set(key, times);
      const isThere = inbox.some((one) => one.id === signal);
      if (times > 1 || !isThere) this.#broken(`signal ${signal} takes effect ${times} times`);
    }
    // Signals beyond a full step may stay, if the driver goes on.
    const isFull = signals.length === STEP_SIGNALS_MAX && leaseOwner !== undefined;
    const all = inbox.toSorted((a, b) => Number(b.kind === 'cancel') - Number(a.kind === 'cancel'));
    const due = isFull ? all.slice(0, STEP_SIGNALS_MAX) : inbox;
    for (const signal of due) {
      if (!signals.includes(signal.id)) this.#broken(`${id.slice(0, 6)} goes past ${signal.id}`);
    }
  }

  #judgeMove(
    by: SimulatedProcess,
    task: string,
    was: Extract<TaskState, { status: 'running' }>,
    is: TaskState,
    issuedAt: number,
  ): void {
    const { attempt, repeats = 0 } = was;
    const own = this.#callsOf(task).find(
      (call) => call.by === by && call.attempt === attempt && call.repeats === repeats,
    );
    const stays = is.status === 'running' && is.attempt === attempt;
    const isRepeated = stays && (is.repeats ?? 0) > repeats;
    if (stays && !isRepeated && !own) this.#broken(`${label(task)} runs, and nobody calls`);
    if (!own && isOfResult(is) && !isForced(is))
      this.#broken(`${label(task)} takes a result of an earlier call`);
    if (!own || own.abort.aborted || by.isDead) return;
    if (isRepeated) this.#broken(`call ${own.number} is made again although its caller has it`);
    if (stays || own.deliveredAt === undefined || own.deliveredAt >= issuedAt) return;
    if (!tells(is, own)) {
      this.#broken(`the result of call ${own.number} (${own.outcome}) is lost: ${is.status}`);
    }
  }

  /** Each result on record is that of a call of its task that was made, and succeeded. */
  #judgeResults(id: string): void {
    for (const [name, task] of Object.entries(this.records.peek(id)?.state?.tasks ?? {})) {
      if (task.status !== 'succeeded' || task.results['call'] === undefined) continue;
      const call = this.target?.calls[Number(task.results['call']) - 1];
      const found = this.records.peek(id);
      if (!found || call?.task !== `${keysOf(found)}:${name}` || call.outcome !== 'done') {
        this.#broken(`${id.slice(0, 6)}:${name} has a result that no call of it brought`);
      }
    }
  }

  /** Whether another key may follow that of the call. */
  #isSettled(call: MadeCall): boolean {
    return isKnownToHaveFailed(call) || this.#earlier.has(call.key);
  }

  /** The attempt of a run has ended, so that what succeeded in it is done again under another key. */
  #noteEarlier(task: string, which: 'done' | 'all' = 'done'): void {
    for (const { key, outcome, deliveredAt } of this.#callsOf(task))
      if (which === 'all' || (outcome === 'done' && deliveredAt !== undefined))
        this.#earlier.add(key);
  }

  #callsOf(task: string): readonly MadeCall[] {
    return this.target?.calls.filter((call) => call.task === task) ?? [];
  }

  #broken(what: string): void {
    this.trace.violation(what);
  }
}

/** A definite failure of a call that is over: there is no call of it under way any more. */
function isKnownToHaveFailed({ outcome, deliveredAt }: MadeCall): boolean {
  return (outcome === 'refused' || outcome === 'rejected') && deliveredAt !== undefined;
}

/** Whether an operator has said that a task has succeeded, whatever its calls did. */
function isDecided(name: string, { state: { operations = [] } }: ActivityCommit): boolean {
  return operations.some(({ task, what }) => task === name && what === 'succeeded');
}

/** By an operator, whom another judge asks. */
function isForced(is: TaskState): boolean {
  return 'forced' in is;
}

/** Whether it is what an answer made of the task, and not the clock, a signal or the end of the run. */
function isOfResult(is: TaskState): boolean {
  if (is.status === 'succeeded') return true;
  return failureOf(is)?.code === ANSWERED;
}

/** Whether the state of a task shows what became of the call. */
function tells(is: TaskState, { outcome, number }: MadeCall): boolean {
  // Of what failed an operator may decide in the same step, or the run may time out before its next attempt.
  const isOutOfTime = is.status === 'timedout' && is.failure.code === 'WORKFLOW_TIMEOUT';
  const isDecided =
    is.status === 'cancelled' || is.status === 'skipped' || isForced(is) || isOutOfTime;
  if (isDecided) return outcome !== 'done';
  // Of a task that the next attempt of the run keeps or does again.
  if (is.status === 'pending') return (outcome === 'done') === (is.results?.['call'] === number);
  if (outcome === 'done') return is.status === 'succeeded' && is.results['call'] === number;
  const failure = is.status === 'timedout' ? undefined : failureOf(is);
  if (failure) return failure.message === outcome;
  return is.status === 'running';
}

/** Why a task failed, or waits for another attempt. */
function failureOf(is: TaskState): Failure | undefined {
  if (is.status === 'waiting') return 'failure' in is.on ? is.on.failure : undefined;
  return 'failure' in is ? is.failure : undefined;
}

function isOver({ status }: TaskState): boolean {
  return !['pending', 'running', 'waiting'].includes(status);
}
