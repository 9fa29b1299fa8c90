import { type WorkerTask } from '@app/messaging';
import { type Activity, type ActivityCommit } from '@app/persistence';
import {
  isFinal,
  type OutboxEntry,
  type TaskState,
  WORKER_TASK_ENTRY,
  type WorkerResultSignal,
} from '@app/workflow-engine';
import { type Trace } from './trace.js';

/** What a worker said of one attempt; `known` and `unknown` of one that failed: whether it is certain that nothing happened. */
export interface GivenAnswer {
  /** Counted over all; the task's results, or its failure, carry it. */
  readonly number: number;
  readonly activityId: string;
  readonly signal: WorkerResultSignal;
  readonly outcome: 'succeeded' | 'known' | 'unknown';
}

interface QueuedAttempt {
  readonly attempt: number;
  readonly key: unknown;
  readonly told: string;
}

/**
 * Says what breaks a promise about tasks for workers, from what workers see and what is on record:
 *
 * - an attempt that is queued again is told in the same words, under the same idempotency key;
 * - a task has a new key only when a worker said of each attempt under those before that nothing happened;
 * - what an attempt ends by is an answer that a worker gave to that attempt, and no answer ends two;
 * - an answer is acknowledged only when what it changes is on record, or itself in the inbox;
 * - each task that succeeded has the results that a worker gave.
 */
export class QueueVerdict {
  readonly answers: GivenAnswer[] = [];
  readonly #queued = new Map<string, QueuedAttempt[]>();
  readonly #taken = new Set<number>();

  constructor(
    private readonly peek: (id: string) => Activity | undefined,
    private readonly trace: Trace,
  ) {}

  onQueued({ event }: WorkerTask): void {
    const { activityid, taskname, attempt, idempotencykey: key } = event.extensions;
    const name = `${String(activityid)}:${String(taskname)}`;
    const told = JSON.stringify([event.id, event.data?.kind === 'json' && event.data.text]);
    const own = { attempt: Number(attempt), key, told };
    const known = this.#queued.get(name) ?? [];
    this.#queued.set(name, [...known, own]);
    for (const other of known) this.#judgeKeys(name, own, other);
  }

  onAnswer(answer: GivenAnswer): void {
    this.answers.push(answer);
  }

  onAcknowledged({ number, activityId, signal }: GivenAnswer): void {
    const found = this.peek(activityId);
    if (!found || isFinal(found.status) || found.inbox.some(({ id }) => id === signal.id)) return;
    const { attempt } = workOf(found.state?.tasks[signal.task]) ?? {};
    if (attempt === signal.attempt)
      this.#broken(`answer ${number} is acknowledged, and its attempt waits for it`);
  }

  onCommit(before: Activity, { id, state }: ActivityCommit): void {
    // Without a queue what workers say has no number.
    if (this.#queued.size === 0) return;
    for (const [task, was] of Object.entries(before.state?.tasks ?? {})) {
      const waits = workOf(was);
      const is = state.tasks[task];
      if (!waits || !is || JSON.stringify(is) === JSON.stringify(was)) continue;
      const number = answerIn(is);
      if (number === undefined) continue;
      const name = `${id.slice(0, 6)}:${task}:${waits.attempt}`;
      if (!this.#isOf(number, id, task, waits.attempt))
        this.#broken(`${name} ends by answer ${number}, which is not to it`);
      if (this.#taken.has(number)) this.#broken(`answer ${number} ends ${name}, and another`);
      this.#taken.add(number);
    }
  }

  /**
   * Whether whoever has the lease has it for nothing but giving workers what they have answered: so whoever has
   * the answer may write.
   */
  hasIdleLease({ id, state, outbox = [] }: Activity): boolean {
    const calls = Object.values(state?.tasks ?? {}).some(({ status }) => status === 'running');
    return !calls && outbox.length > 0 && outbox.every((entry) => this.#isAnswered(id, entry));
  }

  judgeEnd(id: string, workerTasks: readonly string[]): void {
    for (const task of workerTasks) {
      const state = this.peek(id)?.state?.tasks[task];
      if (state?.status !== 'succeeded') continue;
      const number = answerIn(state);
      if (number === undefined || !this.#isOf(number, id, task, state.attempt))
        this.#broken(`${id.slice(0, 6)}:${task} has results that no worker gave`);
    }
  }

  #judgeKeys(name: string, own: QueuedAttempt, other: QueuedAttempt): void {
    const what = `${name.slice(0, 6)}:${name.split(':')[1] ?? ''}:${own.attempt}`;
    if (own.attempt === other.attempt) {
      if (own.key !== other.key) this.#broken(`${what} is queued again under another key`);
      if (own.told !== other.told) this.#broken(`${what} is queued again in other words`);
    } else if (own.key !== other.key && own.attempt > other.attempt) {
      const [id = '', task = ''] = name.split(':');
      const isKnown = this.#answersTo(id, task, other.attempt).some(
        ({ outcome }) => outcome === 'known',
      );
      if (!isKnown) this.#broken(`${what} has a new key, and nobody knows of ${other.attempt}`);
    }
  }

  #answersTo(id: string, task: string, attempt: number): readonly GivenAnswer[] {
    return this.answers.filter(
      ({ activityId, signal }) =>
        activityId === id && signal.task === task && signal.attempt === attempt,
    );
  }

  #isOf(number: number, id: string, task: string, attempt: number): boolean {
    return this.#answersTo(id, task, attempt).some((answer) => answer.number === number);
  }

  #isAnswered(id: string, { kind, payload }: OutboxEntry): boolean {
    if (kind !== WORKER_TASK_ENTRY) return false;
    const { task, attempt } = payload as unknown as { task: string; attempt: number };
    return this.#answersTo(id, task, attempt).length > 0;
  }

  #broken(what: string): void {
    this.trace.violation(what);
  }
}

/** The attempt that a worker is asked for. */
function workOf(task: TaskState | undefined): { readonly attempt: number } | undefined {
  return task?.status === 'waiting' && task.on.kind === 'worker' ? task : undefined;
}

/** The number of the answer that a task shows. */
function answerIn(task: TaskState): number | undefined {
  if (task.status === 'succeeded') {
    const { answer } = task.results;
    return answer === undefined ? undefined : Number(answer);
  }
  const failure =
    task.status === 'waiting' && task.on.kind === 'retry'
      ? task.on.failure
      : 'failure' in task
        ? task.failure
        : undefined;
  return failure?.code === 'WORKER_FAILED' ? Number(failure.message) : undefined;
}
