import { isJsonObject, type JsonObject, type JsonValue } from '@app/json';
import {
  CHILD_LOOK_MS_MAX,
  CHILD_LOOK_MS_MIN,
  CHILD_PARAMS_CHARS_MAX,
  CHILD_RESULTS_CHARS_MAX,
  NAME_CHARS_MAX,
} from '../bounds.js';
import { fitsAsJson, textOf } from '../json.js';
import { FAILURE_CODES } from '../state/failure.js';
import { type OutboxDraft } from '../state/outbox-entry.js';
import { type ChildEndedSignal } from '../state/signal.js';
import { type WaitingTask, type WaitReason } from '../state/waiting.js';
import { textRule } from './param-rules.js';
import {
  type Failed,
  invalidParam,
  type ParamRule,
  type Received,
  type TaskBehaviour,
  type TaskContext,
  type Wait,
} from './task-behaviour.js';

/** Entries of the outbox of a run that begins another: to make it, to cancel it, to see whether it has ended. */
export const CHILD_REQUEST = 'child-request';
/** The same for one that begins later: builds that know nothing of that do not deliver it. */
export const CHILD_SCHEDULE = 'child-schedule';
export const CHILD_CANCEL = 'child-cancel';
export const CHILD_LOOK = 'child-look';
/** Of the outbox of the other one: that it has ended. */
export const CHILD_ENDED = 'child-ended';

/** What all entries of a parent say: which child is meant. */
export interface ChildEntry extends JsonObject {
  readonly task: string;
  readonly attempt: number;
}

export interface ChildRequest extends ChildEntry {
  /** A name or an id. */
  readonly workflow: string;
  readonly params: JsonObject;
  /** Whether the task waits for its end. */
  readonly waits: boolean;
  /** It begins no sooner, in milliseconds since 1970; absent for at once. */
  readonly notBefore?: number;
}

export const PARAMS_RULE: ParamRule = {
  required: false,
  about: 'All that it gets: the data of its event.',
  schema: { type: 'object' },
  problem: (value) =>
    isJsonObject(value) && fitsAsJson(value, CHILD_PARAMS_CHARS_MAX)
      ? undefined
      : `must be an object of at most ${CHILD_PARAMS_CHARS_MAX} characters as JSON`,
};

/** When a task that waits for runs looks for them again, in milliseconds since 1970. */
export function nextLookAt(now: number, since: number): number {
  return now + Math.min(Math.max(CHILD_LOOK_MS_MIN, now - since), CHILD_LOOK_MS_MAX);
}

export function flagRule(about: string): ParamRule {
  return {
    required: false,
    about,
    schema: { type: ['boolean', 'string'] },
    problem: (value) => (readFlag(value) === undefined ? 'must be true or false' : undefined),
  };
}

/** Which workflow, with what, and what a cancelled task means for its run. */
export const WHICH_RULES: ReadonlyMap<string, ParamRule> = new Map([
  [
    'workflow',
    textRule('Which workflow, by its id or its name.', NAME_CHARS_MAX, { notWith: 'workflowRef' }),
  ],
  ['workflowRef', textRule('The same, as Boomerang Flow calls it.', NAME_CHARS_MAX)],
  ['params', PARAMS_RULE],
  [
    'onCancel',
    {
      required: false,
      about:
        'What becomes of it when the task is cancelled or takes too long: cancel (default) or leave.',
      schema: { enum: ['cancel', 'leave'] },
      problem: (value) =>
        value === 'cancel' || value === 'leave' ? undefined : 'must be "cancel" or "leave"',
    },
  ],
]);
const RULES: ReadonlyMap<string, ParamRule> = new Map([
  ...WHICH_RULES,
  [
    'wait',
    flagRule(
      'Whether the task waits for its end (true, the default), or is over when it is on record.',
    ),
  ],
]);

/**
 * Begins a run of another workflow, one for each attempt, with these parameters and nothing else of its own
 * run, and waits for its end. It is made and told of outside (docs/workflows.md#runs-of-other-workflows).
 */
export const runWorkflow: TaskBehaviour = {
  about: 'Begins a run of another workflow, and waits for its end unless it says otherwise.',
  params: RULES,
  needsOneOf: ['workflow', 'workflowRef'],
  main: 'workflow',
  waits: true,
  resultNames: ['activity', 'status', 'results', 'failure'],
  reach: (params, context) => {
    const invalid = invalidParam(params, RULES);
    if (invalid !== undefined) return invalid;
    const waits = readFlag(params['wait'] ?? true) ?? true;
    return askForRun(CHILD_REQUEST, params, context, { waits }, { waits });
  },
  receive: (waiting, input, context) => {
    const { on, memory = {} } = waiting;
    const dropHolds = [holdOf(context.task)];
    if (on.kind !== 'children') return { kind: 'ignored' };
    if (input.kind === 'due') return lookFor(on, waiting, context);
    if (input.kind === 'child-started') {
      return memory['waits'] === false
        ? { kind: 'done', results: { activity: input.child, ...timeIn(memory) }, dropHolds }
        : { kind: 'wait', on, memory };
    }
    if (input.kind === 'child-refused') {
      const { code, message } = input;
      return { ...FAILED, code, message, retryable: false, dropHolds };
    }
    return input.kind === 'child-ended'
      ? endedBy(input, on.workflow ?? '', context)
      : { kind: 'ignored' };
  },
};

/**
 * Asks for the run and waits for what is told of it; an attempt that ends before that has it cancelled.
 *
 * @param kind of the entry that asks for it
 * @param params that keep `WHICH_RULES`
 */
export function askForRun(
  kind: string,
  params: JsonObject,
  { task, attempt, now }: TaskContext,
  how: Pick<ChildRequest, 'waits' | 'notBefore'>,
  memory: JsonObject,
): Wait {
  const workflow = textOf(params['workflow'] ?? params['workflowRef'] ?? '');
  const given = params['params'] ?? {};
  const asked = isJsonObject(given) ? given : {};
  const request: ChildRequest = { task, attempt, workflow, params: asked, ...how };
  const cancel = { name: holdOf(task), entry: entryOf(CHILD_CANCEL, { task, attempt }) };
  return {
    kind: 'wait',
    on: { kind: 'children', open: 1, workflow, since: now, until: now + CHILD_LOOK_MS_MIN },
    memory,
    outbox: [entryOf(kind, request)],
    hold: params['onCancel'] === 'leave' ? [] : [cancel],
  };
}

/** When one that begins later does. */
function timeIn({ at }: JsonObject): JsonObject {
  return at === undefined ? {} : { at };
}

/** Its end may have been told to nobody: it may be gone, or of a build that does not tell. */
function lookFor(
  on: Extract<WaitReason, { kind: 'children' }>,
  { memory = {}, attempt }: WaitingTask,
  { now, task }: TaskContext,
): Received {
  const until = nextLookAt(now, on.since);
  return {
    kind: 'wait',
    on: { ...on, until },
    memory,
    outbox: [entryOf(CHILD_LOOK, { task, attempt })],
  };
}

function endedBy(ended: ChildEndedSignal, workflow: string, { task }: TaskContext): Received {
  const { child, status, results, failure } = ended;
  const dropHolds = [holdOf(task)];
  const facts = { activity: child, status };
  const which = `The run ${child} of "${workflow}"`;
  if (status === 'succeeded') {
    if (results) return { kind: 'done', results: { ...facts, results }, dropHolds };
    const code = FAILURE_CODES.RESULTS_TOO_LARGE;
    const message =
      `${which} has results of more than ${CHILD_RESULTS_CHARS_MAX} characters; ` +
      'let it keep less, or read them from its activity';
    return { ...FAILED, code, message, retryable: false, results: facts, dropHolds };
  }
  const why: JsonValue =
    failure === undefined ? null : { code: failure.code, message: failure.message };
  const because = failure === undefined ? '' : ` (${failure.code}: ${failure.message})`;
  const message = `${which} ended as ${status}${because}`;
  const code = FAILURE_CODES.CHILD_FAILED;
  // Who cancels it does not want another one.
  const retryable = status !== 'cancelled';
  return {
    kind: 'failed',
    // What it had done until then, its tasks tell.
    outcomeKnown: false,
    code,
    message,
    retryable,
    results: { ...facts, ...(results && { results }), failure: why },
    dropHolds,
  };
}

const FAILED: Pick<Failed, 'kind' | 'outcomeKnown'> = { kind: 'failed', outcomeKnown: true };

/** Of one task, in order: it is made before it is cancelled. */
function entryOf(kind: string, payload: ChildEntry): OutboxDraft {
  return { kind, key: `child:${payload.task}`, payload };
}

function holdOf(task: string): string {
  return `child:${task}`;
}

/** Also as a text, which is what Boomerang Flow has. */
export function readFlag(value: JsonValue): boolean | undefined {
  if (typeof value === 'boolean') return value;
  return value === 'true' ? true : value === 'false' ? false : undefined;
}
