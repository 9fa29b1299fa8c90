import { memoryBytesMax } from '@app/bootstrap';
import { type WorkflowExecutorConfig } from '../../workflow-executor.config.js';

/** The bounds of an executor's memory by use; all in bytes. */
export interface MemoryShares {
  readonly activityBytesMax: number;
  /** For each of the two streams that bring events: the messages in flight and those that were pulled. */
  readonly laneBytesMax: number;
  /** Dispatches over HTTP that are not answered. */
  readonly dispatchBytesMax: number;
  /** Answers of calls that are not on record. */
  readonly answerBytesMax: number;
  /** Runs that have calls, or wait for them, to one origin. */
  readonly originBytesMax: number;
}

/**
 * The share of the memory for activities; the messages on their way to them take as much again. In memory an event is
 * bytes, text and values, and its state the same again while it is written: some three times its length. The rest is
 * for everything else.
 */
const SHARE_OF_MEMORY = 1 / 8;

/** @param memoryBytes of the process; the default of each bound follows from it */
export function memorySharesOf(
  { ACTIVITIES_BYTES_MAX: configured }: WorkflowExecutorConfig,
  memoryBytes = memoryBytesMax(),
): MemoryShares {
  const activityBytesMax =
    configured === 0 ? Math.floor(memoryBytes * SHARE_OF_MEMORY) : configured;
  const quarter = Math.ceil(activityBytesMax / 4);
  return {
    activityBytesMax,
    laneBytesMax: quarter,
    dispatchBytesMax: quarter,
    answerBytesMax: quarter,
    originBytesMax: 2 * quarter,
  };
}
