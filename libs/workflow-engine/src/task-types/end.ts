import { type TaskBehaviour } from './task-behaviour.js';

/** Reached when a path from `start` survives. It joins paths as an OR; every other task as an AND. */
export const end: TaskBehaviour = {
  params: new Map(),
  resultNames: [],
  reach: () => ({ kind: 'done' }),
};
