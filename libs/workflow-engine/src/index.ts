export { ACTIVITY_STATUSES, type ActivityStatus, isFinal } from './state/activity-status.js';
export {
  type ActivityState,
  type Advance,
  type CallEffect,
  type Forced,
  type Input,
  type Operation,
  type TaskState,
  type ScopeVersions,
} from './state/activity-state.js';
export { type Failure, FAILURE_CODES, workflowFailure } from './state/failure.js';
export { type TaskProgress, type TaskResult } from './state/task-result.js';
export {
  CHILD_RESULTS_CHARS_MAX,
  DECISION_VALUE_CHARS_MAX,
  FAILURE_MESSAGE_CHARS_MAX,
  MAP_ITEMS_MAX,
  MAP_RESULTS_ITEMS_MAX,
  PATTERN_SIZE_MAX,
  EVENT_FILTER_STEPS_MAX,
  PATTERN_STEPS_MAX,
  PATTERNS_SIZE_MAX,
  SECRET_CHARS_MAX,
  WORKER_LINE_CHARS_MAX,
  WORKER_LINES_MAX,
} from './bounds.js';
export { importBoomerangV4, isFromBoomerang } from './boomerang-v4/import-workflow.js';
export { type WorkflowDefinition } from './definition/definition.js';
export { durationText, readDuration } from './definition/duration.js';
export { type CallType } from './state/call.js';
export { type EventCallParams, type EventTarget } from './state/event-call.js';
export {
  type ClientCredentials,
  type FormPart,
  type HttpCallParams,
  type StatusRange,
} from './state/http-call.js';
export { type RunScope } from './parameters/find-value.js';
export { isSecretName } from './parameters/reference.js';
export { secretParamsOf } from './parameters/typed-params.js';
export { secretMark, secretMarks } from './parameters/secret-mark.js';
export { type PatternCompiler } from './definition/pattern.js';
export { compile } from './plan/compile.js';
export { type Plan } from './plan/plan.js';
export {
  BUILD_FEATURES,
  GOES_ON_REQUIRES,
  isOfDelivery,
  ofDelivery,
  missingFeatures,
  requirementOfState,
  type Requirements,
  requirementsOf,
  START_LATER,
  WAITS_FOR_SLOT,
} from './requirements.js';
export { DAY_MS, HOUR_MS, MINUTE_MS } from './time-units.js';
export { advance } from './run/advance.js';
export { begin, WEBHOOK_ENTRY } from './run/begin.js';
export { type EarlierRun, earlierRunOf } from './run/earlier-run.js';
export {
  breakRun,
  withoutAllResults,
  brokeOffFailure,
  dropResults,
  hasLostResults,
} from './run/end-run.js';
export { fitsAsJson } from './json.js';
export { postTo } from './run/run-outbox.js';
export { nextWakeAt } from './run/open-status.js';
export {
  begunTasks,
  changedTasks,
  hasAllTasks,
  hasRunningTask,
  totalOfTasks,
} from './run/tasks/walks.js';
export { type TaskBehaviours } from './task-types/task-behaviour.js';
export { remindersIn, shownVote, timesIn, votesIn } from './task-types/approval.js';
export { WORKER_CANCEL_ENTRY, WORKER_TASK_ENTRY } from './task-types/worker.js';
export {
  CHILD_CANCEL,
  CHILD_ENDED,
  CHILD_LOOK,
  CHILD_REQUEST,
  CHILD_SCHEDULE,
  type ChildEntry,
  type ChildRequest,
} from './task-types/run-workflow.js';
export {
  MAP_CANCEL,
  MAP_COLLECT,
  MAP_LOOK,
  MAP_REQUEST,
  type MapCollect,
  type MapOpen,
  type MapRequest,
} from './task-types/map-steps.js';
export { SLOT_RELEASE, SLOT_REQUEST, type SlotEntry } from './run/run-slot.js';
export { EVENT_WAIT, type EventWaitEntry } from './task-types/wait-for-event.js';
export { LOCK_RELEASE, LOCK_REQUEST, type LockEntry } from './task-types/locks.js';
export { encodeComponent } from './task-types/http/url-encoding.js';
export {
  BUILT_IN_TASKS,
  builtInTasksWith,
  WORKER_TASK_TYPES,
} from './task-types/task-behaviours.js';
export { type EventFilterCompiler } from './task-types/event-filter.js';
export { type OutboxEntry } from './state/outbox-entry.js';
export { isRemembered } from './run/signals/take-signal.js';
export {
  type EventAttributes,
  type EventSignal,
  type WorkerProgressSignal,
} from './state/signal.js';
export { type WorkerResultSignal } from './state/signal.js';
export { type ChildEndedSignal, type ForceSignal, type Signal } from './state/signal.js';
export { type WaitReason } from './state/waiting.js';
export { definitionSchema } from './definition-schema/definition-schema.js';
export { shortForm, type ShortForm } from './definition-forms/to-short.js';
export { typeForms, validateForm } from './definition-forms/validate-forms.js';
export { validateDefinition } from './validation/validate-definition.js';
