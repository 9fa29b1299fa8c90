import { type JsonObject } from '@app/json';
import { type TaskCall, TaskHandler, type TaskOutcome } from '../task-handler.js';

/** Calls that end when the test says so. */
export class HandDrivenTasks extends TaskHandler {
  readonly calls: TaskCall[] = [];
  readonly #ends = new Map<string, (outcome: TaskOutcome) => void>();

  override run(call: TaskCall): Promise<TaskOutcome> {
    this.calls.push(call);
    return new Promise((resolve) => this.#ends.set(call.effect.task, resolve));
  }

  succeed(task: string, results: JsonObject = {}): void {
    this.#end(task, { kind: 'succeeded', results });
  }

  fail(task: string): void {
    const message = 'The answer was 503';
    const definite = { retryable: true, outcomeKnown: true };
    this.#end(task, { kind: 'failed', code: 'HTTP_STATUS', message, ...definite });
  }

  #end(task: string, outcome: TaskOutcome): void {
    const end = this.#ends.get(task);
    if (!end) throw new Error(`Nothing calls for "${task}"`);
    end(outcome);
  }
}
