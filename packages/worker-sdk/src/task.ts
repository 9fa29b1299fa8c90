import { type CloudEvent } from 'cloudevents';

export interface Progress {
  /** From 0 to 100. */
  readonly percent?: number;
  /** What it does now; 500 characters are kept. */
  readonly message?: string;
}

/** One attempt of a task that this worker has in flight. */
export interface Task<Input = unknown> {
  /** As the workflow gives it. Integers beyond 2^53 are `BigInt`; the type is the caller's word for it. */
  readonly input: Input;
  /** The event that it came in. */
  readonly event: CloudEvent<{ readonly input: Input }>;
  readonly activityId: string;
  /** Its name in the workflow. */
  readonly name: string;
  /** From 1. */
  readonly attempt: number;
  /** The same for everything that is to have the same effect: give it to what you call. */
  readonly idempotencyKey: string;
  /** W3C trace context, where there is one. */
  readonly traceparent?: string;
  /** Aborted when nobody wants the attempt any more, and when the worker stops and gives it back. */
  readonly signal: AbortSignal;
  /** Shows how far it is; sent once a second at most, the last one counts. */
  progress(progress: Progress): void;
  /** A line of its log; the last 20 lines of 500 characters are kept. */
  log(line: string): void;
}

/** Does a task, and gives its results: an object, to whose members later tasks refer. */
export type Handler<Input = unknown, Results = unknown> = (
  task: Task<Input>,
) => Promise<Results> | Results;
