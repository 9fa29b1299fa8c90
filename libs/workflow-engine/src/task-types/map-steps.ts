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

/** Of those with these indexes. */
export interface MapOpen extends ChildEntry {
  readonly open: readonly number[];
}

export interface MapCollect extends ChildEntry {
  readonly total: number;
}

/** What the parameters of a map say. */
export interface MapPlan {
  readonly items: readonly JsonValue[];
  readonly workflow: string;
  readonly params: JsonObject;
  readonly parallelMax: number;
  readonly failFast: boolean;
}

/**
 * How far it is: the runs before `next` were asked for, those before `made` are on record, and those in `open`
 * have not ended. At most so many are open as run at the same time, so this is small however long the list is;
 * and one that ends twice is not in it the second time, so nothing is counted twice.
 */
interface Progress extends JsonObject {
  readonly total: number;
  readonly workflow: string;
  readonly made: number;
  readonly next: number;
  readonly open: readonly number[];
  readonly failed: number;
  /** So many of what may be open are free before runs are asked for; absent where one is enough. */
  readonly portion?: number;
  readonly parallelMax?: number;
}

/** Of what may be open: whoever asks for runs resolves the whole list again, so it is not done for each that ends. */
const PORTION = 1 / 8;

type Now = Pick<TaskContext, 'now' | 'task' | 'attempt'>;

/** Asks for the first runs; an empty list is done. */
export function firstStep(plan: MapPlan, context: Now): Done | Wait {
  const { workflow, items, parallelMax } = plan;
  const total = items.length;
  const portion = Math.ceil(parallelMax * PORTION);
  const nothing = { made: 0, next: 0, open: [], failed: 0 };
  const inPortions = portion > 1 && { portion, parallelMax };
  const begun: Progress = { total, workflow, ...nothing, ...inPortions };
  return total === 0
    ? { kind: 'done', results: { ...countsOf(begun), results: [] } }
    : goOn(begun, context.now, context, () => plan);
}

/** @param planOf asked for only where another run is to be asked for */
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
    // Another attempt would find the same.
    return { ...FAILED, code, message, retryable: false, results: countsOf(progress) };
  }
  if (input.kind === 'children-made') {
    const made = Math.max(progress.made, Math.min(input.upTo, progress.next));
    // Told again: what follows from it was asked for then.
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
  const after = { ...progress, open, failed: progress.failed + 1 };
  if (!planOf().failFast) return goOn(after, since, context, planOf);
  const message = `The run ${child} for item ${index} ended as ${status}; the others are cancelled`;
  return { ...FAILED, code: FAILURE_CODES.MAP_FAILED, message, results: countsOf(after) };
}

/** Asks for as many runs as may be open, once those asked for before are on record; or for what all of them gave. */
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

/** The rest of the list is asked for however little it is. */
function isPortionFree({ total, next, open, portion = 1, parallelMax = 0 }: Progress): boolean {
  return portion === 1 || parallelMax - open.length >= Math.min(portion, total - next);
}

/** What was told to nobody is found: runs that have ended, or were never made. */
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
  if (progress.failed === 0) return { kind: 'done', results: all, letGo: [holdOf(task)] };
  const message = `${progress.failed} of the runs for ${progress.total} items did not succeed`;
  return {
    ...FAILED,
    code: FAILURE_CODES.MAP_FAILED,
    message,
    results: all,
    letGo: [holdOf(task)],
  };
}

/** Whatever is open then is cancelled, should the task end before. */
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

/** The next items from there on, as many as one entry takes; one at least, if there may be one. */
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

/** Of one task, in order. */
function draft(kind: string, payload: ChildEntry): OutboxDraft {
  return { kind, key: `child:${payload.task}`, payload };
}

function holdOf(task: string): string {
  return `child:${task}`;
}

const FAILED = { kind: 'failed', retryable: true, outcomeKnown: true } as const;
