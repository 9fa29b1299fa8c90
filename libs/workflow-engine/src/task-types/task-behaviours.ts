import { type TaskType } from '../definition.js';
import { decision } from './decision.js';
import { end } from './end.js';
import { http } from './http/http.js';
import { setProperty } from './set-property.js';
import { start } from './start.js';
import { type TaskBehaviour } from './task-behaviour.js';

/** The task types that this release runs: adding one is adding a file and a row. */
const BEHAVIOURS: ReadonlyMap<TaskType, TaskBehaviour> = new Map<TaskType, TaskBehaviour>([
  ['start', start],
  ['end', end],
  ['decision', decision],
  ['set-property', setProperty],
  ['http', http],
]);

export const RUNNABLE_TASK_TYPES: readonly TaskType[] = [...BEHAVIOURS.keys()];

/** What a task type does, or undefined for one that this release can't run. */
export function behaviourOf(type: TaskType): TaskBehaviour | undefined {
  return BEHAVIOURS.get(type);
}
