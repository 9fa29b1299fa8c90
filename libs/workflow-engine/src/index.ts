export {
  ACTIVITY_STATUSES,
  type ActivityState,
  type ActivityStatus,
  type Advance,
  type CallEffect,
  type Effect,
  type EventInput,
  type Failure,
  type FinalStatus,
  type Input,
  type Signal,
  type TaskResult,
  type TaskState,
  type WaitingFor,
} from './activity-state.js';
export {
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
export { type JsonObject, type JsonValue } from './json.js';
