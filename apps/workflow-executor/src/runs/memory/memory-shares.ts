import { memoryBytesMax } from '@app/bootstrap';
import { type WorkflowExecutorConfig } from '../../workflow-executor.config.js';

/** The bounds of an executor's memory by use; all in bytes. */
export interface MemoryShares {
  /** Events and states of the activities in flight. */
  readonly activityBytesMax: number;
  /** For each stream that brings events or answers: the messages in flight and those that were pulled. */
  readonly laneBytesMax: number;
  /** Runs that wait for a worker, and are kept so that its answer needs no read. */
  readonly handedOverBytesMax: number;
  /** Dispatches over HTTP that are not answered. */
  readonly dispatchBytesMax: number;
  /** Answers of calls that are not on record. */
  readonly answerBytesMax: number;
  /** Runs with calls to one origin, in flight or waiting. */
  readonly originBytesMax: number;
}

/**
 * The share of the memory for activities, by their stored length; all other shares together are 1.4 times as large.
 * In memory an event takes about three times its length: bytes, text and values, and a copy of the state while it is
 * written.
 */
const SHARE_OF_MEMORY = 1 / 8;

/**
 * The bounds that follow from `ACTIVITIES_BYTES_MAX`; if that is 0, from the memory of the process.
 * @param memoryBytes the memory that the process may use
 */
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
    handedOverBytesMax: Math.ceil(quarter / 2),
    dispatchBytesMax: quarter,
    answerBytesMax: quarter,
    originBytesMax: 2 * quarter,
  };
}
