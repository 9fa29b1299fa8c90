import { approval, manual } from './approval.js';
import { decision } from './decision.js';
import { event } from './event/event.js';
import { http } from './http/http.js';
import { script } from './script.js';
import { map } from './map.js';
import { acquireLock, releaseLock } from './locks.js';
import { runWorkflow } from './run-workflow.js';
import { runScheduledWorkflow } from './scheduled/run-scheduled-workflow.js';
import { setProperty } from './set-property.js';
import { setStatus } from './set-status.js';
import { sleep } from './sleep.js';
import { type TaskBehaviours, type TaskBehaviour } from './task-behaviour.js';
import { workerTask } from './worker.js';
import { type EventFilterCompiler } from './event-filter.js';
import { filteredWaitForEvent, waitForEvent } from './wait-for-event.js';

/** Where each run begins. */
const start: TaskBehaviour = {
  about: 'Where a run begins. The short form implies it.',
  params: new Map(),
  resultNames: [],
  reach: () => ({ kind: 'done' }),
};

/** Reached when a path from `start` survives. It joins paths as an OR; every other task as an AND. */
const end: TaskBehaviour = {
  about: 'Where a run ends. The short form implies it.',
  params: new Map(),
  resultNames: [],
  reach: () => ({ kind: 'done' }),
};

/** The task types of the engine itself, without filters of events. An installation may have others besides. */
export const BUILT_IN_TASKS: TaskBehaviours = new Map([
  ['start', start],
  ['end', end],
  ['decision', decision],
  ['set-property', setProperty],
  ['set-status', setStatus],
  ['http', http],
  ['sleep', sleep],
  ['wait-for-event', waitForEvent],
  ['acquire-lock', acquireLock],
  ['release-lock', releaseLock],
  ['run-workflow', runWorkflow],
  ['run-scheduled-workflow', runScheduledWorkflow],
  ['map', map],
  ['approval', approval],
  ['manual', manual],
  ['script', script],
  ['event', event],
  ['template', workerTask('Lets a worker do what a template of yours describes.')],
  ['custom', workerTask('Lets a worker run something of your own, such as a container.')],
  ['generic', workerTask('Lets a worker do any other work.')],
]);

/** The same, with filters of events in the language of this compiler. */
export function builtInTasksWith(filters: EventFilterCompiler): TaskBehaviours {
  return new Map([...BUILT_IN_TASKS, ['wait-for-event', filteredWaitForEvent(filters)]]);
}

/** The types of tasks that wait for workers. */
export const WORKER_TASK_TYPES: readonly string[] = ['template', 'custom', 'generic'];

/** The names of the engine's own task types. */
export const RUNNABLE_TASK_TYPES: readonly string[] = [...BUILT_IN_TASKS.keys()];
