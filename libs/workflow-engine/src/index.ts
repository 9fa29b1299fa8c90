export { ACTIVITY_STATUSES, type ActivityStatus } from './activity-status.js';
export {
  type ActivityState,
  type Advance,
  type CallEffect,
  type Effect,
  type Input,
  type TaskState,
} from './activity-state.js';
export { type Failure } from './failure.js';
export { type TaskProgress, type TaskResult } from './task-result.js';
export {
  DECISION_VALUE_CHARS_MAX,
  PATTERN_SIZE_MAX,
  PATTERN_STEPS_MAX,
  PATTERNS_SIZE_MAX,
} from './bounds.js';
export { type WorkflowDefinition } from './definition.js';
export { FAILURE_CODES } from './failure-codes.js';
export { type HttpCallParams, type StatusRange } from './http-call.js';
export { type RunScope } from './parameters/run-scope.js';
export { type PatternCompiler } from './pattern.js';
export { compile } from './plan/compile.js';
export { type Plan } from './plan/plan.js';
export {
  BUILD_FEATURES,
  lackingOf,
  requirementOfState,
  type Requirements,
  requirementsOf,
  STATE_VERSION,
} from './requirements.js';
export { advance } from './run/advance.js';
export { begin } from './run/begin.js';
export { breakRun, brokeOffFailure, dropResults } from './run/end-run.js';
export { workflowFailure } from './run/failures.js';
export { isFinal } from './run/final-status.js';
export { nextWakeAt } from './run/next-wake-at.js';
export { type TaskBehaviours } from './task-types/task-behaviour.js';
export { BUILT_IN_TASKS } from './task-types/task-behaviours.js';
export { type Signal } from './signal.js';
export { type WaitReason } from './waiting.js';
export { validateDefinition } from './validation/validate-definition.js';
