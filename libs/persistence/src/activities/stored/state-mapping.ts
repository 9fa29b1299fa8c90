import { jsonObjectOf, type JsonObject, type JsonValue } from '@app/json';
import { type ActivityState, type Failure, type TaskState } from '@app/workflow-engine';
import {
  fromStored,
  fromStoredValue,
  isJsonText,
  type StoredFields,
  type TextsBeside,
  toStored,
} from '../../storage/stored-fields.js';
import { type TextsToWrite } from '../beside/texts-to-write.js';
import { type ActivityDocument } from './activity-document.js';
import { forEarlierTask, fromEarlierTask, fromEarlierWait } from './earlier-states.js';
import { rememberAsMembers, rememberSize, sizeAsStored } from './state-size.js';

type StateDocument = Pick<
  ActivityDocument,
  'run' | 'tasks' | 'results' | 'waitingFor' | 'failure' | 'status'
>;

/** The value of `run.results` when the members of the results are in the field `results`. */
export const IN_MEMBERS = { members: true } as const;

/**
 * The state of a stored activity; undefined when it has not begun. The cast is safe because `fromStored` is
 * the inverse of `toStored`, which the types can't express.
 */
export function toState(document: StateDocument, texts?: TextsBeside): ActivityState | undefined {
  const { run, tasks = [], waitingFor, status } = document;
  if (!run) return undefined;
  const { results: _, ...rest } = run;
  const failure = toFailure(document);
  const tasksByName = Object.fromEntries(tasks.map((task) => toTask(task, texts)));
  const waits = waitingFor?.map((wait) => fromEarlierWait(fromStored(wait), tasksByName));
  return {
    results: toResults(document, texts),
    ...fromStored(rest),
    status,
    tasks: tasksByName,
    ...(waits && { waitingFor: waits }),
    ...(failure && { failure }),
  } as unknown as ActivityState;
}

export function toFailure({ failure }: Pick<ActivityDocument, 'failure'>): Failure | undefined {
  return failure && (fromStored(failure) as unknown as Failure);
}

/** Empty for a document of a list, which is read without its results (see `ListedActivity`). */
export function toResults(
  { run, results = [] }: Pick<StateDocument, 'run' | 'results'>,
  texts?: TextsBeside,
): JsonObject {
  const stored = run?.['results'];
  if (stored === undefined) return {};
  if (isJsonText(stored)) return fromStoredValue(stored) as JsonObject;
  const members = results.map(({ name, value }) => {
    return [name as string, fromStoredValue(value ?? null, texts) as JsonValue] as const;
  });
  const all = jsonObjectOf(members);
  rememberAsMembers(all);
  return all;
}

/** Empty results are left out, because most tasks have none. Large ones go into `texts`. */
export function toStoredTask(name: string, task: TaskState, texts: TextsToWrite): StoredFields {
  const hasNone = task.status === 'succeeded' && Object.keys(task.results).length === 0;
  const stored = toStored({ ...task, ...forEarlierTask(task) }, hasNone ? ['results'] : []);
  const { results } = stored;
  return isJsonText(results)
    ? { name, ...stored, results: texts.put(results) }
    : { name, ...stored };
}

function toTask(fields: StoredFields, texts?: TextsBeside): readonly [string, TaskState] {
  const { name, ...task } = fromStored(fields, texts);
  if (task['status'] === 'succeeded') task['results'] ??= {};
  const state = fromEarlierTask(task);
  rememberSize(state, sizeAsStored(fields));
  return [String(name), state];
}
