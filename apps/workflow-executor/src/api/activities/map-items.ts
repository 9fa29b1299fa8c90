import { childActivityIdOf, retryActivityIdOf } from '@app/events';
import { type JsonObject } from '@app/json';
import {
  type Activity,
  ActivityNotFoundError,
  type ActivityStore,
  CursorInvalidError,
  fromCursor,
  type RunEnd,
  toCursor,
  type WorkflowStore,
} from '@app/persistence';
import { type Failure, MAP_ITEMS_MAX } from '@app/workflow-engine';
import { TaskNotAMapError, TaskNotFoundError } from '../tasks/errors.js';

/** The results of one page, in bytes as they are stored; larger results of a single item are a page of their own. */
export const ITEMS_PAGE_BYTES_MAX = 4 * 1_024 * 1_024;
/** Earlier runs that are looked at for the one whose task was taken over. */
const RETRIES_LOOKED_AT_MAX = 100;

/** The run for one item of a list. */
export interface MapItem {
  readonly index: number;
  readonly activityId: string;
  readonly status: string;
  /** Null unless the run has succeeded. */
  readonly results: JsonObject | null;
  readonly failure: Failure | undefined;
}

export interface MapItemsPage {
  /** In the order of the list. An item whose run is not on record is left out. */
  readonly items: readonly MapItem[];
  readonly nextCursor?: string;
}

type TaskState = NonNullable<Activity['state']>['tasks'][string];
type Store = Pick<ActivityStore, 'getWithoutEvent' | 'endsOf'>;

interface Stores {
  readonly activities: Store;
  readonly workflows: Pick<WorkflowStore, 'getRevision'>;
}

/**
 * The runs that the last attempt of a `map` task began, with their results, in the order of the list. Their ids follow from
 * the indexes, so a page costs reads by `_id`, wherever it begins.
 * @throws ActivityNotFoundError, TaskNotFoundError, TaskNotAMapError, CursorInvalidError
 */
export async function mapItems(
  { activities, workflows }: Stores,
  id: string,
  name: string,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string },
): Promise<MapItemsPage> {
  const from = cursor === undefined ? 0 : indexIn(cursor);
  const activity = await activities.getWithoutEvent(id);
  if (!activity) throw new ActivityNotFoundError(id);
  const task = taskOf(activity, name);
  await requireMap(workflows, activity, name);
  const attempt = attemptOf(task);
  if (attempt === undefined) return { items: [] };
  const begun = begunOf(task);
  const source = await sourceOf(activities, activity, name, attempt);
  const count = Math.max(0, Math.min(limit, (begun ?? MAP_ITEMS_MAX) - from));
  const ids = Array.from({ length: count }, (_, at) =>
    childActivityIdOf(source, name, attempt, from + at),
  );
  const ends = await endsWithin(activities, ids);
  const items = ends.flatMap((end, at) => (end ? [toItem(end, from + at)] : []));
  const next = from + ends.length;
  const isMore = begun === undefined ? items.length > 0 : next < begun;
  return isMore ? { items, nextCursor: toCursor([next]) } : { items };
}

function taskOf({ id, state }: Activity, name: string): TaskState {
  const { tasks = {} } = state ?? {};
  if (!Object.hasOwn(tasks, name) || tasks[name] === undefined)
    throw new TaskNotFoundError(id, name);
  return tasks[name];
}

/** A revision that is not on record any more can't say so: its runs are listed by their ids alone. */
async function requireMap(
  workflows: Stores['workflows'],
  { workflowId, workflowRevision }: Activity,
  name: string,
): Promise<void> {
  const revision = await workflows.getRevision(workflowId, workflowRevision);
  const type = revision?.definition.tasks.find((task) => task.name === name)?.type;
  if (type !== undefined && type !== 'map') throw new TaskNotAMapError(name, type);
}

function indexIn(cursor: string): number {
  const [index] = fromCursor(cursor, ['number']);
  if (!Number.isSafeInteger(index) || Number(index) < 0) throw new CursorInvalidError();
  return Number(index);
}

function attemptOf(task: TaskState): number | undefined {
  if ('kept' in task) return task.kept.attempt;
  return 'attempt' in task ? task.attempt : undefined;
}

/** How many items have runs; undefined if the record does not have that, as of a task that was cancelled. */
function begunOf(task: TaskState): number | undefined {
  const requested = task.status === 'waiting' ? task.memory?.['next'] : undefined;
  const isWhole = task.status === 'succeeded' || 'kept' in task;
  const begun = requested ?? (isWhole ? task.results?.['count'] : undefined);
  return typeof begun === 'number' ? begun : undefined;
}

/**
 * The run whose task it was: a retry takes the task of an earlier run over, with its results. Attempts are counted on over all
 * retries, so only one of them has begun runs in this attempt.
 */
async function sourceOf(
  activities: Store,
  { id, retryOf }: Activity,
  task: string,
  attempt: number,
): Promise<string> {
  if (!retryOf) return id;
  const runs = Array.from({ length: Math.min(retryOf.attempt, RETRIES_LOOKED_AT_MAX) }, (_, at) => {
    const number = retryOf.attempt - at;
    return number <= 1 ? retryOf.first : retryActivityIdOf(retryOf.first, number);
  });
  const firsts = new Map(runs.map((run) => [childActivityIdOf(run, task, attempt, 0), run]));
  const [found] = await activities.endsOf([...firsts.keys()], 0);
  return (found && firsts.get(found.id)) ?? id;
}

/** The ends of the first of these runs, as many as fit into a page, at least one; undefined for one that is not on record. */
async function endsWithin(
  activities: Store,
  ids: readonly string[],
): Promise<readonly (RunEnd | undefined)[]> {
  const read = async (some: readonly string[], bytesMax: number) => {
    const ends = new Map((await activities.endsOf(some, bytesMax)).map((end) => [end.id, end]));
    return some.map((id) => ends.get(id));
  };
  let bytes = 0;
  let fitting = 0;
  for (const end of await read(ids, 0)) {
    bytes += end?.resultsBytes ?? 0;
    if (fitting > 0 && bytes > ITEMS_PAGE_BYTES_MAX) break;
    fitting += 1;
  }
  return read(ids.slice(0, fitting), bytes);
}

function toItem({ id, status, results, failure }: RunEnd, index: number): MapItem {
  const given = status === 'succeeded' ? (results ?? null) : null;
  return { index, activityId: id, status, results: given, failure };
}
