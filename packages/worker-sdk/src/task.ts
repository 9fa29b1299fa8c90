import { type CloudEvent } from 'cloudevents';

export interface Progress {
  /** From 0 to 100. */
  readonly percent?: number;
  /** The current step, in words; 500 characters are kept. */
  readonly message?: string;
}

/** One attempt of a task, as a handler receives it. */
export interface Task<Input = unknown> {
  /** The input that the workflow defines. Integers beyond 2^53 are `BigInt`. `Input` is not checked at run time. */
  readonly input: Input;
  /** The CloudEvent that carried the task. */
  readonly event: CloudEvent<{ readonly input: Input }>;
  readonly activityId: string;
  /** The name of the task in its workflow. */
  readonly name: string;
  /** Counts from 1. */
  readonly attempt: number;
  /** The same for all deliveries and attempts that must have one effect: pass it to the services that you call. */
  readonly idempotencyKey: string;
  /** The `traceparent` of the run (W3C Trace Context), if it has one. */
  readonly traceparent?: string;
  /** Aborted when the attempt was cancelled, and when the worker stops and gives the task back. */
  readonly signal: AbortSignal;
  /** Reports progress. Sent at most once a second; later values replace earlier ones. */
  progress(progress: Progress): void;
  /** Adds a line to the log of the task. The last 20 lines are kept, 500 characters of each. */
  log(line: string): void;
}

/** Executes a task and returns its results: an object, to whose members later tasks refer. */
export type Handler<Input = unknown, Results = unknown> = (
  task: Task<Input>,
) => Promise<Results> | Results;
