import { childTraceparent } from '@app/observability';
import {
  type ActivityState,
  begunTasks,
  type CallEffect,
  type CallType,
  changedTasks,
  type TaskProgress,
  type TaskResult,
} from '@app/workflow-engine';
import { type TaskHandler, type TaskOutcome } from '../../tasks/task-handler.js';
import { type Run } from './run.js';
import { type AnswerReservation, type RunReservation } from '../memory/run-memory.js';

/** The handler of each task type that calls out. */
export type TaskHandlers = { readonly [Type in CallType]: TaskHandler<Type> };

/** One call of an attempt: the number of the attempt, and how often its call was repeated. */
interface HandOut {
  readonly attempt: number;
  readonly repeats?: number;
}

interface CallInFlight extends HandOut {
  readonly abort: AbortController;
  readonly reservation: AnswerReservation;
}

/**
 * The side effects of one activity that this process has begun and whose results are not committed. The memory of
 * their answers is released when they are committed or dropped.
 */
export class CallsInFlight {
  readonly #calls = new Map<string, CallInFlight>();
  /** The state of the last `carryOut`: each running task in it has a call here. */
  #carriedOut: ActivityState | undefined;

  constructor(
    private readonly run: Pick<Run, 'activityId' | 'trace' | 'origin' | 'scope'>,
    private readonly handlers: TaskHandlers,
    private readonly reservation: RunReservation,
    private readonly onResult: (result: TaskResult) => void,
  ) {}

  /** Starts a call whose claim is committed. */
  #start(effect: CallEffect): void {
    const { task, attempt, repeats = 0 } = effect;
    const reservation = this.reservation.answer();
    const call = { attempt, repeats, abort: new AbortController(), reservation };
    const before = this.#calls.get(task);
    if (before) this.#drop(task, before);
    this.#calls.set(task, call);
    const tell = (outcome: TaskResult['outcome']): void => {
      if (this.#calls.get(task) === call) this.onResult({ task, attempt, repeats, outcome });
    };
    void this.#outcomeOf(effect, call, tell).then(tell);
  }

  /**
   * The running tasks of the state that have no call here, or whose call here is of an earlier attempt or repeat. The
   * result of such a call does not count.
   */
  missing(state: ActivityState): readonly string[] {
    if (state === this.#carriedOut) return [];
    return begunTasks(state.tasks).flatMap(([name, task]) =>
      task.status === 'running' && !isSame(this.#calls.get(name), task) ? [name] : [],
    );
  }

  /**
   * Continues from this state: aborts the calls whose results it does not wait for, and starts the calls in `effects`.
   */
  carryOut(state: ActivityState, effects: readonly CallEffect[]): void {
    const before = this.#carriedOut;
    const changed = before
      ? changedTasks(before.tasks, state.tasks).map(([task]) => task)
      : [...this.#calls.keys()];
    for (const task of changed) {
      const [call, now] = [this.#calls.get(task), state.tasks[task]];
      if (call && (now?.status !== 'running' || !isSame(call, now))) this.#drop(task, call);
    }
    for (const effect of effects) this.#start(effect);
    this.#carriedOut = state;
  }

  dropAll(): void {
    for (const [task, call] of this.#calls) this.#drop(task, call);
    this.#carriedOut = undefined;
  }

  #drop(task: string, call: CallInFlight): void {
    this.#calls.delete(task);
    call.abort.abort();
    call.reservation.release();
  }

  async #outcomeOf(
    effect: CallEffect,
    { abort, reservation }: CallInFlight,
    tell: (progress: TaskProgress) => void,
  ): Promise<TaskOutcome> {
    const { activityId, trace, origin, scope } = this.run;
    try {
      const handler: TaskHandler = this.handlers[effect.type];
      return await handler.run({
        effect,
        workflowId: origin.workflowId,
        scope,
        idempotencyKey: `${scope.keysOf ?? activityId}:${effect.task}:${effect.keyAttempt}`,
        traceparent: childTraceparent(trace),
        abort: abort.signal,
        bytes: this.reservation.bytes,
        roomForAnswer: (bytes) => reservation.take(bytes),
        report: (kind) => {
          tell({ kind });
        },
      });
    } catch (error) {
      return {
        kind: 'failed',
        code: 'TASK_CRASHED',
        message: `The handler of "${effect.type}" tasks broke: ${String(error)}`,
        retryable: false,
        outcomeKnown: false,
      };
    }
  }
}

function isSame(call: HandOut | undefined, { attempt, repeats = 0 }: HandOut): boolean {
  return call?.attempt === attempt && (call.repeats ?? 0) === repeats;
}
