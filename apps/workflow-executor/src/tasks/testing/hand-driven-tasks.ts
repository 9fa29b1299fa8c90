import { type JsonObject } from '@app/json';
import { type TaskCall, TaskHandler, type TaskOutcome } from '../task-handler.js';

/** Calls that end when the test says so. */
export class HandDrivenTasks extends TaskHandler {
  readonly calls: TaskCall[] = [];
  readonly #ends: ((outcome: TaskOutcome) => void)[] = [];

  override run(call: TaskCall): Promise<TaskOutcome> {
    this.calls.push(call);
    return new Promise((resolve) => this.#ends.push(resolve));
  }

  succeed(task: string, results: JsonObject = {}): void {
    this.#end(task, { kind: 'succeeded', results });
  }

  /** @param call which one, counted from 0; the last one of the task if left out */
  fail(task: string, call?: number): void {
    const message = 'The answer was 503';
    const definite = { retryable: true, outcomeKnown: true };
    this.#end(task, { kind: 'failed', code: 'HTTP_STATUS', message, ...definite }, call);
  }

  #end(
    task: string,
    outcome: TaskOutcome,
    call = this.calls.findLastIndex(({ effect }) => effect.task === task),
  ): void {
    const end = this.#ends[call];
    if (!end) throw new Error(`Nothing calls for "${task}"`);
    end(outcome);
  }
}
