import { type JsonObject } from '@app/json';
import { type WorkerTask } from '@app/messaging';
import { WORKER_TASK_ENTRY, type WorkerResultSignal } from '@app/workflow-engine';
import { type SeededRandom } from '@app/workflow-engine/testing';
import { resultId, workerTaskIn } from '../../outbox/worker-result.js';
import { type GivenAnswer } from './queue-verdict.js';
import { type Arrival } from './simulated-receiver.js';

const WORKS_MS_MAX = 20_000;

interface WorkerAnswer {
  readonly afterMs: number;
  readonly signal: Omit<WorkerResultSignal, 'at'>;
}

/** What workers say to what has come to them: mostly one thing, but they die, are given it twice, and fail. */
export function workerAnswers(
  { entry, isRefused }: Arrival,
  random: SeededRandom,
  isCalm: boolean,
): readonly WorkerAnswer[] {
  if (entry.kind !== WORKER_TASK_ENTRY || isRefused) return [];
  const { task, attempt, queue } = entry.payload as JsonObject & {
    readonly task: string;
    readonly attempt: number;
    readonly queue: string;
  };
  const times = isCalm ? 1 : random.pick(0, 1, 1, 1, 2);
  return Array.from({ length: times }, () => ({
    afterMs: isCalm ? 10 : random.below(WORKS_MS_MAX),
    signal: {
      // Each time it is given the work, a worker answers anew.
      id: `answer-${task}-${attempt}-${random.below(1e9)}`,
      kind: 'worker-result',
      task,
      attempt,
      queue,
      outcome: isCalm || random.chance(0.7) ? { kind: 'succeeded', results: {} } : FAILED,
    },
  }));
}

const FAILED = {
  kind: 'failed',
  code: 'WORKER_FAILED',
  message: 'not now',
  retryable: true,
  outcomeKnown: true,
} as const;

/** What a worker says to a task that it was given: its number is in its results, or in why it failed. */
export function answerTo(
  { queue, event }: WorkerTask,
  number: number,
  at: number,
  random: SeededRandom,
  isCalm: boolean,
): GivenAnswer {
  const { activityId, task, attempt } = workerTaskIn(event);
  const outcome = isCalm
    ? 'succeeded'
    : random.pick('succeeded', 'succeeded', 'succeeded', 'known', 'unknown');
  const failed = { ...FAILED, message: String(number), outcomeKnown: outcome === 'known' } as const;
  return {
    number,
    activityId,
    outcome,
    signal: {
      id: resultId(queue, task, attempt),
      at,
      kind: 'worker-result',
      ...{ task, queue, attempt },
      outcome:
        outcome === 'succeeded' ? { kind: 'succeeded', results: { answer: number } } : failed,
    },
  };
}
