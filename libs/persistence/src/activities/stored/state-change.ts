import { Buffer } from 'node:buffer';
import { isJsonContainer, type JsonObject, type JsonValue, membersIn, toJsonText } from '@app/json';
import {
  type ActivityState,
  changedTasks,
  hasAllTasks,
  isFinal,
  type TaskState,
  totalOfTasks,
} from '@app/workflow-engine';
import {
  isJsonText,
  storedBytes,
  type StoredFields,
  type StoredValue,
  toStored,
  toStoredValue,
} from '../../storage/stored-fields.js';
import { TEXT_BESIDE_BYTES_MIN, TextsToWrite } from '../beside/texts-to-write.js';
import { waitKeysOf } from '../../correlated-events/wait-key.js';
import { type ActivityDocument } from './activity-document.js';
import { IN_MEMBERS, toStoredTask } from './state-mapping.js';
import {
  isMemberByMember,
  rememberAsMembers,
  rememberSize,
  type Size,
  sizeAsStored,
  sizeOfTask,
  sizeOfValue,
} from './state-size.js';

/** A change of a list whose entries have names: changed entries keep their positions, added ones come last. */
export interface EntriesChange {
  readonly changed: readonly StoredFields[];
  readonly added: readonly StoredFields[];
}

type StateField =
  'status' | 'run' | 'tasks' | 'results' | 'besideBytes' | 'waitingFor' | 'openWaits' | 'failure';

/** What a commit writes of a state. */
export interface StateChange {
  /** Replaced as a whole. */
  readonly set: { readonly [Field in StateField]?: ActivityDocument[Field] };
  readonly unset: readonly ('waitingFor' | 'openWaits' | 'failure')[];
  /** Members of `run` that keep their stored value. */
  readonly kept: readonly string[];
  readonly entries: { readonly [Field in 'tasks' | 'results']?: EntriesChange };
  /** Large texts, which are written to the collection `results` before the activity refers to them. */
  readonly texts: TextsToWrite;
  /** About how many bytes the whole state takes, in the activity and in the collection `results`. */
  readonly bytes: number;
  /** The part of `bytes` that lies in the collection `results`. */
  readonly besideBytes: number;
  /** The part of `bytes` that this commit writes to the activity. */
  readonly writtenBytes: number;
  /** Whether the state needs state version 2 (results beside the activity), which older releases can't read. */
  readonly isOfLater: boolean;
}

/** An unchanged part is left out of a commit if it has more bytes than this: naming it costs about as much. */
const KEPT_BYTES_MIN = 1_024;
/** Members of the state that have a field of their own in the document, instead of one in `run`. */
const FIELDS_OF_THEIR_OWN = ['status', 'tasks', 'waitingFor', 'failure', 'results'];

/**
 * The write that makes the stored state `before` into `state`. States are immutable, so a part that is the
 * same object in both is unchanged and need not be written.
 * @param before undefined when the stored state is not known: then everything is written
 */
export function stateChange(state: ActivityState, before?: ActivityState): StateChange {
  const texts = new TextsToWrite();
  const tasks = tasksChange(state, before, texts);
  const results = resultsChange(state.results, before?.results, texts);
  const run = runChange(state, before);
  const { waitingFor, failure } = state;
  const waits = waitingFor?.map((one) => toStored(one));
  const besideBytes = tasks.size.beside + results.size.beside;
  const set: { -readonly [Field in StateField]?: ActivityDocument[Field] } = {
    run: results.inRun === undefined ? run.fields : { ...run.fields, results: results.inRun },
    status: state.status,
  };
  if (tasks.all) set.tasks = tasks.all;
  if (results.all) set.results = results.all;
  if (besideBytes > 0) set.besideBytes = besideBytes;
  if (waits) set.waitingFor = waits;
  const openWaits = waitKeysOf(state);
  if (openWaits.length > 0) set.openWaits = openWaits;
  if (failure) set.failure = toStored(failure);
  const own = [set.failure ?? {}, ...(waits ?? [])];
  const ownBytes = run.bytes + own.reduce((sum, one) => sum + storedBytes(one), 0);
  return {
    set,
    unset: fieldsThatMayEnd(before).filter((name) => set[name] === undefined),
    kept: results.isKept ? [...run.kept, 'results'] : run.kept,
    entries: {
      ...(tasks.entries && { tasks: tasks.entries }),
      ...(results.entries && { results: results.entries }),
    },
    texts,
    bytes: ownBytes + tasks.size.within + results.size.within + besideBytes,
    besideBytes,
    writtenBytes: ownBytes + tasks.writtenBytes + results.size.within,
    isOfLater: besideBytes > 0 || results.isMemberByMember,
  };
}

/** About how many bytes a state takes. The sizes of tasks and results, which may be large, are remembered. */
export function stateBytes({ tasks, results, ...rest }: ActivityState): number {
  const ofTasks = totalOfTasks(tasks, PART_SIZES, sizeIn, totalOf);
  const ofResults = membersIn(results).map(([name, value]) => named(name, sizeOfValue(value)));
  const { within, beside } = totalOf([ofTasks, ...ofResults]);
  return within + beside + Buffer.byteLength(toJsonText(rest));
}

/** The fields that may have to be unset. Each one that a commit names costs MongoDB time. */
function fieldsThatMayEnd(before: ActivityState | undefined): StateChange['unset'] {
  const hadWaits = before === undefined || waitKeysOf(before).length > 0;
  return hadWaits ? ['waitingFor', 'openWaits', 'failure'] : ['waitingFor', 'failure'];
}

interface TasksChange {
  readonly all?: readonly StoredFields[];
  readonly entries?: EntriesChange;
  readonly size: Size;
  readonly writtenBytes: number;
}

function tasksChange(
  state: ActivityState,
  before: ActivityState | undefined,
  texts: TextsToWrite,
): TasksChange {
  if (before === undefined) return allTasks(state, texts);
  const { tasks } = state;
  const known = before.tasks;
  const others = changedTasks(known, tasks);
  const size = totalOfTasks(tasks, PART_SIZES, sizeIn, totalOf);
  const written = totalOf(others.map(([name, task]) => sizeIn(name, task)));
  const keptBytes = size.within + size.beside - written.within - written.beside;
  if (!hasAllTasks(known, tasks) || keptBytes <= KEPT_BYTES_MIN) return allTasks(state, texts);
  const store = ([name, task]: (typeof others)[number]): StoredFields =>
    toStoredTask(name, task, texts);
  const changed = others.filter(([name]) => Object.hasOwn(known, name)).map(store);
  const added = others.filter(([name]) => !Object.hasOwn(known, name)).map(store);
  const isSame = changed.length + added.length === 0;
  return { ...(!isSame && { entries: { changed, added } }), size, writtenBytes: written.within };
}

const PENDING: TaskState = { status: 'pending' };
/** Sizes of parts of a state, kept because most parts are the same objects from one step to the next. */
const PART_SIZES = new WeakMap<object, Size>();

/**
 * Sizes are not remembered for a final state: it is never sized again, and each entry of a weak map costs
 * the garbage collector time.
 */
function allTasks({ status, tasks }: ActivityState, texts: TextsToWrite): TasksChange {
  const isLast = isFinal(status);
  const all: StoredFields[] = [];
  let within = 0;
  let beside = 0;
  for (const name of Object.keys(tasks)) {
    const task = tasks[name] ?? PENDING;
    const fields = toStoredTask(name, task, texts);
    const size = sizeAsStored(fields);
    if (!isLast) rememberSize(task, size);
    all.push(fields);
    within += size.within;
    beside += size.beside;
  }
  return { all, size: { within, beside }, writtenBytes: within };
}

function sizeIn(name: string, task: TaskState): Size {
  return sizeOfTask(task, () => toStoredTask(name, task, new TextsToWrite()));
}

interface ResultsChange {
  /** The value of `run.results`; absent when the stored one stays. */
  readonly inRun?: StoredValue;
  readonly isKept?: boolean;
  readonly all?: readonly StoredFields[];
  readonly entries?: EntriesChange;
  readonly size: Size;
  readonly isMemberByMember: boolean;
}

/** Small results are one text in `run`; large ones are written member by member. */
function resultsChange(
  results: JsonObject,
  before: JsonObject | undefined,
  texts: TextsToWrite,
): ResultsChange {
  if (before === undefined) {
    // Most runs are written once, with short results. Their text is made anyway and gives the size.
    const inRun = toStoredValue(results);
    const size = isJsonText(inRun) ? Buffer.byteLength(inRun.json) : 0;
    if (size <= TEXT_BESIDE_BYTES_MIN) {
      return { inRun, size: { within: size, beside: 0 }, isMemberByMember: false };
    }
  }
  const members = membersIn(results);
  const size = totalOf(members.map(([name, value]) => named(name, sizeOfValue(value))));
  const bytes = size.within + size.beside;
  const isBefore = before !== undefined && isMemberByMember(before);
  if (before === results && bytes > KEPT_BYTES_MIN) {
    return { isKept: true, size, isMemberByMember: isBefore };
  }
  if (bytes <= TEXT_BESIDE_BYTES_MIN) {
    return { inRun: toStoredValue(results), size, isMemberByMember: false };
  }
  rememberAsMembers(results);
  const store = ([name, value]: readonly [string, JsonValue]): StoredFields => {
    return { name, value: texts.putValue(value) };
  };
  const inRun = IN_MEMBERS as unknown as StoredValue;
  const isAll = isBefore && Object.keys(before).every((name) => Object.hasOwn(results, name));
  if (!isAll) return { inRun, all: members.map(store), size, isMemberByMember: true };
  const others = members.filter(([name, value]) => before[name] !== value);
  const changed = others.filter(([name]) => Object.hasOwn(before, name)).map(store);
  const added = others.filter(([name]) => !Object.hasOwn(before, name)).map(store);
  return { inRun, entries: { changed, added }, size, isMemberByMember: true };
}

function named(name: string, { within, beside }: Size): Size {
  return { within: within + name.length + 16, beside };
}

interface RunChange {
  readonly fields: StoredFields;
  readonly kept: readonly string[];
  readonly bytes: number;
}

function runChange(state: ActivityState, before: ActivityState | undefined): RunChange {
  if (before === undefined) {
    const fields = toStored(state, FIELDS_OF_THEIR_OWN);
    return { fields, kept: [], bytes: storedBytes(fields) };
  }
  const members = Object.entries(state) as [string, JsonValue | undefined][];
  const earlier = before as unknown as Readonly<Record<string, unknown>>;
  const kept = members.filter(
    ([name, value]) =>
      !FIELDS_OF_THEIR_OWN.includes(name) &&
      value !== undefined &&
      isJsonContainer(value) &&
      earlier[name] === value &&
      sizeOfValue(value).within + sizeOfValue(value).beside > KEPT_BYTES_MIN,
  );
  const names = kept.map(([name]) => name);
  const fields = toStored(state, [...FIELDS_OF_THEIR_OWN, ...names]);
  const { within, beside } = totalOf(kept.map(([, value]) => sizeOfValue(value)));
  return { fields, kept: names, bytes: storedBytes(fields) + within + beside };
}

function totalOf(sizes: readonly Size[]): Size {
  let within = 0;
  let beside = 0;
  for (const size of sizes) {
    within += size.within;
    beside += size.beside;
  }
  return { within, beside };
}
