import { type JsonObject, type JsonValue, toJsonText } from '@app/json';
import { MAP_BATCH_CHARS_MAX, MAP_BATCH_ITEMS_MAX } from '../bounds.js';
import { FAILURE_CODES } from '../state/failure.js';
import { type OutboxDraft } from '../state/outbox-entry.js';
import { type ChildEndedSignal, type ChildrenResultsSignal } from '../state/signal.js';
import { type WaitingTask } from '../state/waiting.js';
import { type ChildEntry, nextLookAt } from './run-workflow.js';
import {
  type Done,
  type Failed,
  type Received,
  type TaskContext,
  type Wait,
  type WaitInput,
} from './task-behaviour.js';

/** Entries of the outbox of a run that maps a list: to make runs, cancel or look for them, and gather what they gave. */
export const MAP_REQUEST = 'map-request';
export const MAP_CANCEL = 'map-cancel';
export const MAP_LOOK = 'map-look';
export const MAP_COLLECT = 'map-collect';

export interface MapRequest extends ChildEntry {
  /** A name or an id. */
  readonly workflow: string;
  readonly params: JsonObject;
  /** The index of the first of `items` in the list. */
  readonly from: number;
  readonly items: readonly JsonValue[];
}

/** The payload that cancels runs or asks whether they have ended, by the indexes of their items. */
export interface MapOpen extends ChildEntry {
  readonly open: readonly number[];
}

export interface MapCollect extends ChildEntry {
  readonly total: number;
}

/** The parameters of a `map` task, read. */
export interface MapPlan {
  readonly items: readonly JsonValue[];
  readonly workflow: string;
  readonly params: JsonObject;
  readonly parallelMax: number;
  readonly failFast: boolean;
}

/**
 * The progress of a map: runs for items before `next` were requested, those before `made` are on record, and those in
 * `open` have not ended. `open` has at most `parallelMax` indexes, so this is small however long the list is. A
 * repeated end of a run finds no index in `open`, so it is not counted twice.
 */
interface Progress extends JsonObject {
  readonly total: number;
  readonly workflow: string;
  readonly made: number;
  readonly next: number;
  readonly open: readonly number[];
  readonly failed: number;
  /** The indexes of the first items whose runs failed, `NAMED_MAX` at most; absent for none. */
  readonly failures?: readonly number[];
  /** The number of free slots at which further runs are requested; absent for 1. */
  readonly portion?: number;
  readonly parallelMax?: number;
  /** Stored so that a failed item does not resolve the list; absent for true. */
  readonly failFast?: false;
}

/** The part of `parallelMax` that is requested at once: each request resolves the whole list again. */
const PORTION = 1 / 8;

/** The largest number of failed items that the failure of a map names: a list of 100,000 would be searched for them. */
const NAMED_MAX = 20;

type Now = Pick<TaskContext, 'now' | 'task' | 'attempt'>;

/** Requests the first runs; an empty list is done at once. */
export function firstStep(plan: MapPlan, context: Now): Done | Wait {
  const { workflow, items, parallelMax, failFast } = plan;
  const total = items.length;
  const portion = Math.ceil(parallelMax * PORTION);
  const nothing = { made: 0, next: 0, open: [], failed: 0 };
  const inPortions = portion > 1 && { portion, parallelMax };
  const all = !failFast && { failFast };
  const begun: Progress = { total, workflow, ...nothing, ...inPortions, ...all };
  return total === 0
    ? { kind: 'done', results: { ...countsOf(begun), results: [] } }
    : goOn(begun, context.now, context, () => plan);
}

/** @param planOf resolves the parameters; called only if the step needs them */
export function receiveOfMap(
  { on, memory }: WaitingTask,
  input: WaitInput,
  context: Now,
  planOf: () => MapPlan,
): Received {
  if (on.kind !== 'children' || memory === undefined) return { kind: 'ignored' };
  const progress = memory as Progress;
  const { since } = on;
  if (input.kind === 'due') return lookAgain(progress, since, context, planOf);
  if (input.kind === 'child-refused') {
    const { code, message } = input;
    // Not retryable: the same request would be refused again.
    return { ...FAILED, code, message, retryable: false, results: countsOf(progress) };
  }
  if (input.kind === 'children-made') {
    const made = Math.max(progress.made, Math.min(input.upTo, progress.next));
    // A repeat: the first one has led to the next requests.
    if (made === progress.made) return waiting(progress, since, context, []);
    return goOn({ ...progress, made }, since, context, planOf);
  }
  if (input.kind === 'child-ended') return ended(progress, input, since, context, planOf);
  return input.kind === 'children-results' && isOver(progress)
    ? endOf(progress, input, context)
    : { kind: 'ignored' };
}

function ended(
  progress: Progress,
  { index = -1, status, child }: ChildEndedSignal,
  since: number,
  context: Now,
  planOf: () => MapPlan,
): Received {
  if (!progress.open.includes(index)) return waiting(progress, since, context, []);
  const open = progress.open.filter((one) => one !== index);
  if (status === 'succeeded') return goOn({ ...progress, open }, since, context, planOf);
  const { failed, failures = [] } = progress;
  const named = failures.length < NAMED_MAX ? [...failures, index] : failures;
  const after = { ...progress, open, failed: failed + 1, failures: named };
  // Absent also in a state of an earlier build.
  const failFast = progress.failFast ?? planOf().failFast;
  if (!failFast) return goOn(after, since, context, planOf);
  const message = `The run ${child} for item ${index} ended as ${status}; the others are cancelled`;
  return { ...FAILED, code: FAILURE_CODES.MAP_FAILED, message, results: countsOf(after) };
}

/** Requests further runs once the ones before are on record, or the results of all runs once they have ended. */
function goOn(progress: Progress, since: number, context: Now, planOf: () => MapPlan): Wait {
  const { total, made, next, open } = progress;
  if (isOver(progress)) {
    const { task, attempt } = context;
    return waiting(progress, since, context, [draft(MAP_COLLECT, { task, attempt, total })]);
  }
  if (made < next || next === total || !isPortionFree(progress))
    return waiting(progress, since, context, []);
  const plan = planOf();
  const items = batchOf(plan.items, next, plan.parallelMax - open.length);
  if (items.length === 0) return waiting(progress, since, context, []);
  const asked = items.map((_, at) => next + at);
  const after = { ...progress, next: next + items.length, open: [...open, ...asked] };
  return waiting(after, since, context, [requestOf(plan, next, items, context)]);
}

/** Whether enough slots are free for a request: `portion`, or as many as items are left. */
function isPortionFree({ total, next, open, portion = 1, parallelMax = 0 }: Progress): boolean {
  return portion === 1 || parallelMax - open.length >= Math.min(portion, total - next);
}

/** Repeats requests whose answer may be lost: runs that are not on record, the ends of open runs, or all results. */
function lookAgain(progress: Progress, since: number, context: Now, planOf: () => MapPlan): Wait {
  const { made, next, open, total } = progress;
  const { task, attempt } = context;
  if (isOver(progress)) {
    return waiting(progress, since, context, [draft(MAP_COLLECT, { task, attempt, total })]);
  }
  const known = open.filter((index) => index < made);
  const look = known.length > 0 ? [draft(MAP_LOOK, { task, attempt, open: known })] : [];
  if (made === next) return waiting(progress, since, context, look);
  const plan = planOf();
  const again = requestOf(plan, made, plan.items.slice(made, next), context);
  return waiting(progress, since, context, [again, ...look]);
}

function endOf(
  progress: Progress,
  { results }: ChildrenResultsSignal,
  { task }: Now,
): Done | Failed {
  const all = { ...countsOf(progress), ...(results && { results }) };
  if (progress.failed === 0) return { kind: 'done', results: all, dropHolds: [holdOf(task)] };
  const message = `${progress.failed} of the runs for ${progress.total} items did not succeed${whichFailed(progress)}`;
  return {
    ...FAILED,
    code: FAILURE_CODES.MAP_FAILED,
    message,
    results: all,
    dropHolds: [holdOf(task)],
  };
}

/** Names the failed items that are known; a map of an earlier build knows none of those that failed before. */
function whichFailed({ failed, failures = [] }: Progress): string {
  if (failures.length === 0) return '';
  const among = failures.length < failed ? 'among them ' : '';
  const items = failures.toSorted((a, b) => a - b).join(', ');
  return `: ${among}${failures.length === 1 ? 'item' : 'items'} ${items}`;
}

/** Waits with a hold that cancels the open runs if the task ends before them. */
function waiting(
  progress: Progress,
  since: number,
  { now, task, attempt }: Now,
  outbox: readonly OutboxDraft[],
): Wait {
  const { open, workflow } = progress;
  const until = nextLookAt(now, since);
  return {
    kind: 'wait',
    on: { kind: 'children', open: open.length, workflow, since, until },
    memory: progress,
    outbox,
    hold: [{ name: holdOf(task), entry: draft(MAP_CANCEL, { task, attempt, open }) }],
  };
}

function isOver({ total, made, next, open }: Progress): boolean {
  return made === total && next === total && open.length === 0;
}

function countsOf({ total, next, open, failed }: Progress): JsonObject {
  return { count: total, succeeded: next - open.length - failed, failed };
}

function requestOf(
  { workflow, params }: MapPlan,
  from: number,
  items: readonly JsonValue[],
  { task, attempt }: Now,
): OutboxDraft {
  const request: MapRequest = { task, attempt, workflow, params, from, items };
  return draft(MAP_REQUEST, request);
}

/** The items of the next request, within the bounds of one entry; at least one if `countMax` and the list allow it. */
function batchOf(
  items: readonly JsonValue[],
  from: number,
  countMax: number,
): readonly JsonValue[] {
  const end = Math.min(items.length, from + Math.min(countMax, MAP_BATCH_ITEMS_MAX));
  let chars = 0;
  let to = from;
  while (to < end) {
    chars += toJsonText(items[to] ?? null).length;
    if (to > from && chars > MAP_BATCH_CHARS_MAX) break;
    to += 1;
  }
  return items.slice(from, to);
}

/** An entry of a task; entries of one task have the same key, so they are delivered in order. */
function draft(kind: string, payload: ChildEntry): OutboxDraft {
  return { kind, key: `child:${payload.task}`, payload };
}

function holdOf(task: string): string {
  return `child:${task}`;
}

const FAILED = { kind: 'failed', retryable: true, outcomeKnown: true } as const;
