import { childTraceparent } from '@app/observability';
import { type ActivityState, type CallEffect, type Input } from '@app/workflow-engine';
import { type TaskHandler, type TaskOutcome } from '../tasks/task-handler.js';
import { type Run } from './run.js';

/** The handler of each task type that calls out. */
export type TaskHandlers = Readonly<Record<CallEffect['type'], TaskHandler>>;

interface CallInFlight {
  readonly attempt: number;
  readonly abort: AbortController;
}

/** The side effects of one activity that this process has begun and whose results are not committed. */
export class CallsInFlight {
  readonly #calls = new Map<string, CallInFlight>();

  constructor(
    private readonly run: Pick<Run, 'activityId' | 'trace'>,
    private readonly handlers: TaskHandlers,
    private readonly onResult: (result: Input) => void,
  ) {}

  /**
   * Starts a call whose claim is committed; nothing if the same attempt was started before, even if
   * its result is in and only waits to be looked at.
   */
  start(effect: CallEffect): void {
    const { task, attempt } = effect;
    if (this.#calls.get(task)?.attempt === attempt) return;
    const call = { attempt, abort: new AbortController() };
    this.#calls.set(task, call);
    void this.#outcomeOf(effect, call.abort.signal).then((outcome) => {
      if (this.#calls.get(task) === call)
        this.onResult({ kind: 'task-result', result: { task, attempt, outcome } });
    });
  }

  /** Whether each running task's attempt was started here; one that was not has to be resumed. */
  cover(state: ActivityState | undefined): boolean {
    return Object.entries(state?.tasks ?? {}).every(
      ([name, task]) =>
        task.status !== 'running' || this.#calls.get(name)?.attempt === task.attempt,
    );
  }

  /** Forgets what the state no longer waits for; what is still under way of that is aborted. */
  dropUnwanted(state: ActivityState): void {
    for (const [task, call] of this.#calls) {
      const now = state.tasks[task];
      if (now?.status !== 'running' || now.attempt !== call.attempt) this.#drop(task, call);
    }
  }

  dropAll(): void {
    for (const [task, call] of this.#calls) this.#drop(task, call);
  }

  #drop(task: string, call: CallInFlight): void {
    this.#calls.delete(task);
    call.abort.abort();
  }

  async #outcomeOf(effect: CallEffect, abort: AbortSignal): Promise<TaskOutcome> {
    const { activityId, trace } = this.run;
    try {
      return await this.handlers[effect.type].run({
        effect,
        idempotencyKey: `${activityId}:${effect.task}:${effect.keyAttempt}`,
        traceparent: childTraceparent(trace),
        abort,
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
