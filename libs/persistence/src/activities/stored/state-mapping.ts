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

/** In `run` in the place of results whose members are in a field of their own. */
export const IN_MEMBERS = { members: true } as const;

/**
 * `fromStored` gives back what `toStored` was given, which the types can't know: the one place
 * where they are told.
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

/** A list has neither; see `ListedActivity`. */
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

/** Most tasks have no results: that is not written. Large ones go beside. */
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
