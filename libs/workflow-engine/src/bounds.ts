/**
 * Every limit of the engine. They are part of the contract, not tuning: a definition that passes
 * them once stays runnable, and a run that stays within them fits into one stored document.
 * Characters are UTF-16 units, as `string.length` counts them.
 */

const SECOND_MS = 1_000;
const DAY_MS = 24 * 60 * 60 * SECOND_MS;

/** Tasks of one workflow, `start` and `end` included. */
export const TASKS_MAX = 1_000;
/** Dependencies of all tasks of one workflow together. */
export const DEPENDENCIES_MAX = 5_000;
/** Parameters of one task, and declared parameters of one workflow. */
export const PARAMS_MAX = 100;
/** A task's, parameter's or result's name. */
export const NAME_CHARS_MAX = 100;
export const DESCRIPTION_CHARS_MAX = 1_000;
/** One parameter's value as it is written in the definition. */
export const PARAM_VALUE_CHARS_MAX = 256 * 1_024;
/** Steps of one reference: `$(params.a.b[0])` has four. */
export const REFERENCE_STEPS_MAX = 32;
/** Functions in each other: `$(lower(trim(params.a)))` has two. */
export const CALLS_DEPTH_MAX = 8;
export const DECISION_CONDITION_CHARS_MAX = 2_000;
/** The value a decision matches its edges against. */
export const DECISION_VALUE_CHARS_MAX = 1_000;
/**
 * Steps of one pattern: about its length, with repetitions written out. Those of one workflow
 * together bound what it costs to compile them, which is done within one turn of the event loop.
 */
export const PATTERN_SIZE_MAX = 4_000;
export const PATTERNS_SIZE_MAX = 20_000;
/**
 * What all decisions of one run may take: the sizes of their patterns times the lengths of their
 * values. A run may pass all its decisions in one turn of the event loop; at 0.13 µs a step, the
 * worst that was measured, that is a quarter of a second.
 */
export const PATTERN_STEPS_MAX = 2_000_000;
/** The topic of an event, and its correlation key. */
export const TOPIC_CHARS_MAX = 256;
/** The name of a lock. */
export const LOCK_CHARS_MAX = 256;
/** Runs of a workflow that share a key of `concurrency` and may be under way at once; and that key. */
export const SLOTS_MAX = 1_000;
export const SLOT_KEY_CHARS_MAX = 256;
/** How long a run is put off in case another of its key comes, and how long a slot is kept back. */
export const DEBOUNCE_MS_MAX = DAY_MS;
export const THROTTLE_MS_MAX = 366 * DAY_MS;
/** Votes that an approval may take, and people who may give them. */
export const APPROVERS_MAX = 100;
/** How often, at most, it is told that somebody has still to decide. */
export const REMIND_MS_MIN = 60 * SECOND_MS;
export const INSTRUCTIONS_CHARS_MAX = 4_000;
export const URL_CHARS_MAX = 8_192;

/** Each attribute of an event that a task sends, and its extensions. */
export const EVENT_ATTRIBUTE_CHARS_MAX = 1_024;
export const EVENT_EXTENSIONS_MAX = 50;
/** A subject of NATS. */
export const NATS_SUBJECT_CHARS_MAX = 256;

/** Whom a workflow tells of the end of its runs, and the URL of each. */
export const NOTIFY_MAX = 10;
export const NOTIFY_URL_CHARS_MAX = 2_048;

/** All resolved parameters of one task together. */
export const RESOLVED_PARAMS_CHARS_MAX = 1_024 * 1_024;
/** All results of one run together: at three bytes a character still below a document's 16 MB. */
export const RESULTS_CHARS_MAX = 4 * 1_024 * 1_024;
/** A stored failure message; longer ones are cut. */
export const FAILURE_MESSAGE_CHARS_MAX = 1_000;
/** What a task may remember while it waits, as JSON. */
export const WAIT_MEMORY_CHARS_MAX = 64 * 1_024;
/** Signals that a run keeps which came before anything waited for them, and all of them together. */
export const EARLY_SIGNALS_MAX = 100;
export const EARLY_SIGNALS_CHARS_MAX = 256 * 1_024;
/**
 * Ids of signals that a run remembers as applied. One that comes again after so many others counts
 * once more.
 */
export const TAKEN_SIGNALS_MAX = 200;
/** What operators did to a run that its record shows. */
export const OPERATIONS_MAX = 50;
/** Entries of an activity's outbox that are not delivered, and their payloads together; holds count. */
export const OUTBOX_ENTRIES_MAX = 1_000;
export const OUTBOX_CHARS_MAX = 256 * 1_024;
/** Tasks that `waitingFor` names. */
export const WAITING_FOR_MAX = 20;
/** Problems that one validation reports. */
export const PROBLEMS_MAX = 100;

/** A duration as a text: a hundred years. */
export const DURATION_MS_MAX = 36_525 * DAY_MS;
export const TIMEOUT_MS_MIN = 1;
export const TASK_TIMEOUT_MS_MAX = DAY_MS;
/** Also of a task that waits for time, events or people. */
export const WORKFLOW_TIMEOUT_MS_MAX = 366 * DAY_MS;
/** The tasks of `finally`, all of them together, from when the others are over. */
export const FINALLY_MS_MAX = 60 * 60 * SECOND_MS;
/** One attempt of an `http` task that names no timeout of its own. */
export const HTTP_TIMEOUT_MS_DEFAULT = 30 * SECOND_MS;
/** The same of a `script` task. A setting of the executor bounds what the script itself may take. */
export const SCRIPT_TIMEOUT_MS_DEFAULT = 5 * 60 * SECOND_MS;

/** What a worker is given, as JSON; larger things lie where the worker can fetch them. */
export const WORKER_INPUT_CHARS_MAX = 32 * 1_024;
/**
 * How long work waits for an answer before it is queued once more, in case the queue has lost it: twice as
 * long each time, up to the second.
 */
export const WORKER_REQUEUE_MS_MIN = 5 * 60 * SECOND_MS;
export const WORKER_REQUEUE_MS_MAX = 60 * 60 * SECOND_MS;
/** Lines of a worker's log that are kept, the last ones, and the length of each. */
export const WORKER_LINES_MAX = 20;
export const WORKER_LINE_CHARS_MAX = 500;
/** All of them together, as JSON: a control character is one in the line, and six there. */
export const WORKER_LOG_CHARS_MAX = 16 * 1_024;

/** What a run that a task begins is given as parameters, as JSON. */
export const CHILD_PARAMS_CHARS_MAX = 64 * 1_024;
/** What of its results the task that began it takes, as JSON. */
export const CHILD_RESULTS_CHARS_MAX = 256 * 1_024;
/**
 * How long nobody looks what has become of it, should its end not have been told; then as long as it has waited,
 * up to the second.
 */
export const CHILD_LOOK_MS_MIN = 5 * 60 * SECOND_MS;
export const CHILD_LOOK_MS_MAX = 60 * 60 * SECOND_MS;

/** Items of a list that a task maps to runs, each of them as JSON, and runs at the same time. */
export const MAP_ITEMS_MAX = 100_000;
export const MAP_ITEM_CHARS_MAX = 32 * 1_024;
export const MAP_PARALLEL_MAX = 500;
export const MAP_PARALLEL_DEFAULT = 10;
/** Runs that are asked for by one entry of the outbox, and their items together; a larger item goes alone. */
export const MAP_BATCH_ITEMS_MAX = 100;
export const MAP_BATCH_CHARS_MAX = 64 * 1_024;
/** Of a longer list, the results are those of its runs alone. */
export const MAP_RESULTS_ITEMS_MAX = 1_000;

export const RETRY_ATTEMPTS_MAX = 100;
/** What the short form means where it does not say; see `RetryPolicy`. */
export const RETRY_BACKOFF_DEFAULT = 'exponential';
export const RETRY_DELAY_MS_DEFAULT = SECOND_MS;
export const RETRY_DELAY_MS_MAX_DEFAULT = 60 * SECOND_MS;
export const RETRY_DELAY_MS_MAX = DAY_MS;
/** Failures that `when` names. */
export const RETRY_WHEN_MAX = 50;
