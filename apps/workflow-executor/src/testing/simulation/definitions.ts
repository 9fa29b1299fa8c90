import { type WorkflowDefinition } from '@app/workflow-engine';
import { aDefinition, anHttpTask, aTask, type SeededRandom } from '@app/workflow-engine/testing';

export const RETRY = { attemptsMax: 4, backoff: 'fixed', delayMs: 400, delayMsMax: 400 } as const;
export const PATIENT = { retry: RETRY, timeoutMs: 15_000 } as const;
export const DEFINITION: WorkflowDefinition = aDefinition(
  [
    anHttpTask('one', ['start'], PATIENT),
    aTask('two', 'event', ['start'], { url: 'https://example.org/two', type: 'done' }, PATIENT),
    anHttpTask('then', ['one', 'two'], PATIENT),
  ],
  ['then'],
);

/** Fails when a call fails for good. */
export const FAILING: WorkflowDefinition = aDefinition(
  [
    anHttpTask('one', ['start'], PATIENT),
    anHttpTask('two', ['start'], PATIENT),
    anHttpTask('then', [after('one'), after('two')], PATIENT),
  ],
  [after('then')],
);

/**
 * Calls, and waits for events, people, time and a lock, which it gives back when it ends, in whatever
 * way. It can end only when each signal was applied.
 */
export const SIGNALLED: WorkflowDefinition = aDefinition(
  [
    anHttpTask('one', ['start'], PATIENT),
    aTask('paid', 'topic', ['start'], { topic: 'money' }),
    aTask('paid-again', 'topic', ['paid', 'one'], { topic: 'money' }),
    aTask('ask', 'votes', ['one'], { count: 2 }),
    aTask('sleep', 'timer', ['paid'], { ms: 4_000 }),
    aTask('hold', 'lock', ['start'], { lock: 'door' }),
    anHttpTask('then', ['paid-again', 'ask', 'sleep', 'hold'], PATIENT),
  ],
  ['then'],
);

/** Later than anybody looks: such a run has to be cancelled. */
const FAR = '1d';

/** Begins runs of another workflow, which may fail, and one again if it does; some begin later. */
export const CALLING: WorkflowDefinition = aDefinition(
  [
    anHttpTask('one', ['start'], PATIENT),
    aTask('call', 'run-workflow', ['one'], { workflow: 'called', params: { a: 1 } }, PATIENT),
    aTask('leave', 'run-workflow', ['start'], { workflow: 'called', onCancel: 'leave' }),
    aTask('begin', 'run-workflow', ['start'], { workflow: 'called', wait: false }),
    aTask('each', 'map', ['start'], { over: [1, 2, 3, 4], workflow: 'called', maxParallel: 2 }),
    aTask('later', 'run-scheduled-workflow', ['start'], { workflow: 'called', in: '15s' }),
    aTask('far', 'run-scheduled-workflow', ['start'], { workflow: 'called', in: FAR }),
    anHttpTask('then', ['call', 'leave', 'begin', 'each', 'later', 'far'], PATIENT),
  ],
  ['then'],
);
/**
 * One after the other alone with a lock, and a worker beside. The run may fail, or time out, while it has the lock or waits
 * for it, and the wait for the lock may begin again.
 */
export function locking(random: SeededRandom): WorkflowDefinition {
  const isFailing = random.chance(0.5);
  const wait = random.chance(0.5) && { timeoutMs: 1 + random.below(15_000), retry: RETRY };
  const next = (task: string): string | ReturnType<typeof after> =>
    isFailing ? after(task) : task;
  return aDefinition(
    [
      aTask('hold', 'acquire-lock', ['start'], { key: 'door' }, wait || {}),
      anHttpTask('inside', [next('hold')], PATIENT),
      aTask('free', 'release-lock', [next('inside')], { key: 'door' }),
      aTask('work', 'generic', ['start'], { queue: 'q' }, { retry: RETRY }),
      anHttpTask('then', [next('free'), 'work'], PATIENT),
    ],
    [next('then')],
    random.chance(0.4) ? { timeoutMs: 1 + random.below(40_000) } : {},
  );
}
/** A chain of tasks for workers; one of them may take too long, and a call goes on beside. */
export const WORKING: WorkflowDefinition = aDefinition(
  [
    aTask('first', 'generic', ['start'], { queue: 'q', input: 1 }, { retry: RETRY }),
    aTask('second', 'generic', ['first'], { queue: 'q' }, PATIENT),
    anHttpTask('beside', ['start'], PATIENT),
    aTask('last', 'generic', ['second', 'beside'], { queue: 'r' }, { retry: RETRY }),
  ],
  ['last'],
);
/** Does not end by itself: a task that failed is left to operators, and one waits for longer than anybody looks. */
export const OPERATED: WorkflowDefinition = aDefinition(
  [
    anHttpTask('one', ['start'], {
      ...PATIENT,
      retry: { ...RETRY, attemptsMax: 2, then: 'pause' },
    }),
    aTask('nap', 'timer', ['start'], { ms: 3_600_000 }),
    anHttpTask('then', ['one', 'nap'], PATIENT),
  ],
  ['then'],
);
export const CALLED: WorkflowDefinition = aDefinition([
  anHttpTask('one'),
  anHttpTask('two', ['one']),
]);

export function after(taskRef: string): { taskRef: string; executionCondition: 'success' } {
  return { taskRef, executionCondition: 'success' };
}
