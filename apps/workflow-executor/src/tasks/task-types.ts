import { BUILT_IN_TASKS, type TaskBehaviours } from '@app/workflow-engine';

/** The task types that this executor runs: what is validated and compiled against. */
export const TASK_TYPES_RUN: TaskBehaviours = BUILT_IN_TASKS;
