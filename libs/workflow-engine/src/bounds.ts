/**
 * Every limit of the engine. They are part of the contract, not tuning: a definition that passes
 * them once stays runnable, and a run that stays within them fits into one stored document.
 * Characters are UTF-16 units, as `string.length` counts them.
 */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from './time-units.js';

/** Tasks of one workflow, `start` and `end` included. */
export const TASKS_MAX = 1_000;
/** Dependencies of all tasks of one workflow together. */
export const DEPENDENCIES_MAX = 5_000;
/** Parameters of one task, and declared parameters of one workflow. */
export const PARAMS_MAX = 100;
/** The text of a secret: a search for it in an answer takes many times its bytes. */
export const SECRET_CHARS_MAX = 8_192;
/** A task's, parameter's or result's name. */
export const NAME_CHARS_MAX = 100;
export const DESCRIPTION_CHARS_MAX = 1_000;
/** One parameter's value as it is written in the definition. */
export const PARAM_VALUE_CHARS_MAX = 256 * 1_024;
/** Values that a declared parameter allows. */
export const PARAM_ENUM_MAX = 100;
/** A text that is read as the object or array of a declared parameter. */
export const PARAM_TEXT_JSON_LIMITS = { nestingMax: 64, membersMax: 10_000 };
/** Steps of one reference: `$(params.a.b[0])` has four. */
export const REFERENCE_STEPS_MAX = 32;
/** A JSONPath behind a reference, and all of them in one workflow. */
export const PATH_CHARS_MAX = 500;
export const PATHS_MAX = 100;
/** Steps of one JSONPath through a value: two for each value that it visits. They take 25 ms at most. */
export const PATH_STEPS_MAX = 100_000;
/**
 * The same of all JSONPaths of one workflow, of which each has an equal share: they may all be reached in one turn of the
 * event loop, and take 100 ms at most.
 */
export const PATHS_STEPS_MAX = 400_000;
/** The fields of a query or form, names and values together. */
export const FIELDS_CHARS_MAX = 2 * 1_024 * 1_024;
/** Files of one form, and the longest name of a file and of its content type. */
export const FORM_PARTS_MAX = 1_000;
export const FILE_NAME_CHARS_MAX = 1_000;
/** Results of one `http` task that are taken out of its answer. */
export const MAPPED_RESULTS_MAX = 50;
/** The deepest nesting of functions: `$(lower(trim(params.a)))` has two. */
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
 * The steps of all decisions of one run: the sizes of their patterns times the lengths of their
 * values. A run may pass all its decisions in one turn of the event loop; at 0.13 µs a step, the
 * worst that was measured, that is a quarter of a second.
 */
export const PATTERN_STEPS_MAX = 2_000_000;
/** The topic of an event, and its correlation key. */
export const TOPIC_CHARS_MAX = 256;
/** Tasks of one workflow with a filter of events: all filters are compiled, and may be evaluated, in one turn of the event loop. */
export const EVENT_FILTERS_MAX = 10;
/**
 * The steps of all filters of one workflow for one event, of which each has an equal share. When tasks begin to wait, their
 * filters may be evaluated for `EARLY_SIGNALS_MAX` events: at 0.13 µs a step, the worst that was measured, that is a
 * quarter of a second.
 */
export const EVENT_FILTER_STEPS_MAX = 20_000;
/** The name of a lock. */
export const LOCK_CHARS_MAX = 256;
/** Runs of a workflow that share a key of `concurrency` and may be under way at once; and that key. */
export const SLOTS_MAX = 1_000;
export const SLOT_KEY_CHARS_MAX = 256;
/** The longest `debounceMs` and the longest `throttleMs` of `concurrency`. */
export const DEBOUNCE_MS_MAX = DAY_MS;
export const THROTTLE_MS_MAX = 366 * DAY_MS;
/** Votes that an approval may take, and people who may give them. */
export const APPROVERS_MAX = 100;
/** The shortest time between two reminders of an approval. */
export const REMIND_MS_MIN = MINUTE_MS;
export const INSTRUCTIONS_CHARS_MAX = 4_000;
export const URL_CHARS_MAX = 8_192;

/** The id and the secret of a client of OAuth 2.0, and what it asks for. */
export const CLIENT_ID_CHARS_MAX = 1_024;
export const OAUTH2_SCOPE_CHARS_MAX = 4_096;

/** Each attribute of an event that a task sends, and its extensions. */
export const EVENT_ATTRIBUTE_CHARS_MAX = 1_024;
export const EVENT_EXTENSIONS_MAX = 50;
/** A subject of NATS. */
export const NATS_SUBJECT_CHARS_MAX = 256;

/** Webhooks of `notify` of one workflow, and the URL of each. */
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
/** Early signals that a run keeps, and their size as JSON together. */
export const EARLY_SIGNALS_MAX = 100;
export const EARLY_SIGNALS_CHARS_MAX = 256 * 1_024;
/** Ids of applied signals that a run remembers. A repeat after that many other signals is applied again. */
export const TAKEN_SIGNALS_MAX = 200;
/** Operations of operators that the record of a run keeps. */
export const OPERATIONS_MAX = 50;
/**
 * Entries of an activity's outbox that are not delivered, and their payloads together; holds count. All tasks of a
 * workflow may ask for something at once, and hold it.
 */
export const OUTBOX_ENTRIES_MAX = 2 * TASKS_MAX;
export const OUTBOX_CHARS_MAX = 256 * 1_024;
/** How long a task that finds the outbox full waits until it is looked whether deliveries have made room. */
export const OUTBOX_ROOM_MS = 2 * SECOND_MS;
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
export const FINALLY_MS_MAX = HOUR_MS;
/** One attempt of an `http` task that names no timeout of its own. */
export const HTTP_TIMEOUT_MS_DEFAULT = 30 * SECOND_MS;
/** The same of a `script` task. A setting of the executor bounds what the script itself may take. */
export const SCRIPT_TIMEOUT_MS_DEFAULT = 5 * MINUTE_MS;

/** The input of a worker's task, as JSON; larger data must be stored where the worker can fetch it. */
export const WORKER_INPUT_CHARS_MAX = 32 * 1_024;
/**
 * How long a worker's task waits for an answer before it is queued again, in case the queue has lost it: the first
 * time the minimum, then twice as long each time, up to the maximum.
 */
export const WORKER_REQUEUE_MS_MIN = 5 * MINUTE_MS;
export const WORKER_REQUEUE_MS_MAX = HOUR_MS;
/** Lines of a worker's log that are kept, the last ones, and the length of each. */
export const WORKER_LINES_MAX = 20;
export const WORKER_LINE_CHARS_MAX = 500;
/** All of them together, as JSON: a control character is one in the line, and six there. */
export const WORKER_LOG_CHARS_MAX = 16 * 1_024;

/** The parameters of a child run, as JSON. */
export const CHILD_PARAMS_CHARS_MAX = 64 * 1_024;
/** The results of a child run that its parent takes, as JSON. */
export const CHILD_RESULTS_CHARS_MAX = 256 * 1_024;
/**
 * When a parent checks whether its child has ended, in case the signal of the end was lost: first after the minimum,
 * then each time after as long as it has waited, up to the maximum.
 */
export const CHILD_LOOK_MS_MIN = 5 * MINUTE_MS;
export const CHILD_LOOK_MS_MAX = HOUR_MS;

/** Items of a list that a task maps to runs, each of them as JSON, and runs at the same time. */
export const MAP_ITEMS_MAX = 100_000;
export const MAP_ITEM_CHARS_MAX = 32 * 1_024;
export const MAP_PARALLEL_MAX = 500;
export const MAP_PARALLEL_DEFAULT = 10;
/** Runs that are asked for by one entry of the outbox, and their items together; a larger item goes alone. */
export const MAP_BATCH_ITEMS_MAX = 100;
export const MAP_BATCH_CHARS_MAX = 64 * 1_024;
/** The longest list whose results a `map` collects. Of a longer one only the child runs have the results. */
export const MAP_RESULTS_ITEMS_MAX = 1_000;

export const RETRY_ATTEMPTS_MAX = 100;
/** The defaults of `retry` in the short form; see `RetryPolicy`. */
export const RETRY_BACKOFF_DEFAULT = 'exponential';
export const RETRY_DELAY_MS_DEFAULT = SECOND_MS;
export const RETRY_DELAY_MS_MAX_DEFAULT = MINUTE_MS;
export const RETRY_DELAY_MS_MAX = DAY_MS;
/** Failures that `when` names. */
export const RETRY_WHEN_MAX = 50;
