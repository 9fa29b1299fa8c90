import { memoryBytesMax } from '@app/bootstrap';
import { type WorkflowExecutorConfig } from '../../workflow-executor.config.js';

/** What an executor may hold, by what holds it; all in bytes. */
export interface MemoryShares {
  readonly activityBytesMax: number;
  /** Of each of the two streams that bring events: what is in flight and was asked for. */
  readonly laneBytesMax: number;
  /** Dispatches over HTTP that are not answered yet. */
  readonly dispatchBytesMax: number;
  /** Answers of calls that are not on record yet. */
  readonly answerBytesMax: number;
  /** Runs that call, or wait for, one origin. */
  readonly originBytesMax: number;
}

/**
 * Of the memory, for activities; as much again is for what is on its way to them. In memory an event is
 * bytes, text and values, and its state the same again while it is written, which is some three times its
 * length; the rest is for everything else.
 */
const SHARE_OF_MEMORY = 1 / 8;

/** @param memoryBytes what the process may have; it says how much is held where no setting does */
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
