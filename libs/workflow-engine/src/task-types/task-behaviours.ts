import { decision } from './decision.js';
import { end } from './end.js';
import { http } from './http/http.js';
import { setProperty } from './set-property.js';
import { start } from './start.js';
import { type TaskBehaviours } from './task-behaviour.js';

/** The task types of the engine itself. An installation may have others besides. */
export const BUILT_IN_TASKS: TaskBehaviours = new Map([
  ['start', start],
  ['end', end],
  ['decision', decision],
  ['set-property', setProperty],
  ['http', http],
]);

/** The names of the engine's own task types. */
export const RUNNABLE_TASK_TYPES: readonly string[] = [...BUILT_IN_TASKS.keys()];
