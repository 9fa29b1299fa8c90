export { ACTIVITY_STATUSES, type ActivityStatus, type FinalStatus } from './activity-status.js';
export {
  type ActivityState,
  type Advance,
  type CallEffect,
  type Effect,
  type EventInput,
  type Input,
  type TaskState,
  type TaskStatus,
  type WaitingFor,
} from './activity-state.js';
export { type Failure } from './failure.js';
export { type TaskProgress, type TaskResult } from './task-result.js';
export {
  DECISION_CONDITION_CHARS_MAX,
  DECISION_VALUE_CHARS_MAX,
  DEPENDENCIES_MAX,
  DESCRIPTION_CHARS_MAX,
  EARLY_SIGNALS_CHARS_MAX,
  EARLY_SIGNALS_MAX,
  FAILURE_MESSAGE_CHARS_MAX,
  HTTP_TIMEOUT_MS_DEFAULT,
  NAME_CHARS_MAX,
  PARAM_VALUE_CHARS_MAX,
  PARAMS_MAX,
  PATTERN_SIZE_MAX,
  PATTERN_STEPS_MAX,
  PATTERNS_SIZE_MAX,
  PROBLEMS_MAX,
  REFERENCE_STEPS_MAX,
  RESOLVED_PARAMS_CHARS_MAX,
  RESULTS_CHARS_MAX,
  RETRY_ATTEMPTS_MAX,
  RETRY_DELAY_MS_MAX,
  TAKEN_SIGNALS_MAX,
  TASK_TIMEOUT_MS_MAX,
  TASKS_MAX,
  TIMEOUT_MS_MIN,
  URL_CHARS_MAX,
  WAIT_MEMORY_CHARS_MAX,
  WAITING_FOR_MAX,
  WORKFLOW_TIMEOUT_MS_MAX,
} from './bounds.js';
export {
  EXECUTION_CONDITIONS,
  TASK_TYPES,
  type Dependency,
  type ExecutionCondition,
  type Param,
  type ParamSpec,
  type RetryPolicy,
  type TaskDefinition,
  type TaskType,
  type WorkflowDefinition,
} from './definition.js';
export { DefinitionInvalidError, TransitionIllegalError } from './errors.js';
export { FAILURE_CODES, type FailureCode } from './failure-codes.js';
export {
  HTTP_METHODS,
  HTTP_RESULT_NAMES,
  type HttpCallParams,
  type HttpMethod,
  type StatusRange,
} from './http-call.js';
export { type Hold, type OutboxEntry } from './outbox-entry.js';
export { type RunScope } from './parameters/run-scope.js';
export { type CompiledPattern, type PatternCompiler } from './pattern.js';
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
export { type TaskBehaviour, type TaskBehaviours } from './task-types/task-behaviour.js';
export { BUILT_IN_TASKS } from './task-types/task-behaviours.js';
export {
  type CancelSignal,
  type EventSignal,
  type ForceSignal,
  type Signal,
  type TaskSignal,
  type VoteSignal,
} from './signal.js';
export { type WaitingTask, type WaitKind, type WaitReason } from './waiting.js';
export { validateDefinition, type Validation } from './validation/validate-definition.js';
