import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '@app/json';
import { type Problem } from '@app/errors';
import { Places } from '../definition-forms/places.js';
import { ProblemList } from '../validation/problem-list.js';
import {
  type ExportContext,
  filledMembers,
  itemsOf,
  namesOf,
  presentMembers,
  reportRetries,
  reportUnknown,
  reportWorkspaces,
  textIn,
  timeoutOf,
} from './export-context.js';
import { importParamSpec } from './import-param-spec.js';
import { BOOMERANG_TYPES, importTask } from './import-task.js';
import { importTriggers } from './import-triggers.js';

/** What an export says that means nothing to runs; docs/compatibility.md lists it. */
export const IGNORED_OF_WORKFLOW = [
  ...['version', 'creationDate', 'changelog', 'icon', 'markdown', 'annotations'],
  'upgradesAvailable',
] as const;

const KNOWN = [
  ...['id', 'name', 'displayName', 'status', 'description', 'labels', 'triggers'],
  ...['params', 'tasks', 'workspaces', 'timeout', 'retries'],
  ...IGNORED_OF_WORKFLOW,
];

export interface BoomerangImport {
  /** As it would be posted, in the long form; not validated. */
  readonly workflow: JsonObject;
  /** What can't be carried over, with paths of the export. */
  readonly problems: readonly Problem[];
  /** The place of the export that a place of `workflow` was made of. */
  readonly placeOf: (path: string) => string;
}

/**
 * Makes a workflow in the long form of an export of Boomerang Flow v4 (`GET .../workflow/{name}/export`).
 * What has no equal is reported; what is left out without a word is in `IGNORED_...` alone. All else is
 * left to the validation of the long form.
 */
export function importBoomerangV4(exported: JsonObject): BoomerangImport {
  const places = new Places();
  const given = presentMembers(exported);
  const { tasks, params } = given;
  const problems = new ProblemList();
  const context = { problems, places, declared: new Set(namesOf(params)) };
  reportUnknown(given, KNOWN, '', context);
  reportStatus(given['status'], context);
  reportRetries(given['retries'], '', context);
  reportWorkspaces(given['workspaces'], '', context);
  const { id, name, displayName, description, labels, triggers } = given;
  const workflow = {
    ...(name !== undefined && { name }),
    ...filledMembers({ id, displayName, description, labels }),
    ...(triggers !== undefined && { triggers: importTriggers(triggers, context) }),
    ...(params !== undefined && { params: eachOf(params, importParamSpec, context) }),
    ...(tasks !== undefined && { tasks: eachOf(listOfTasks(tasks, context), importTask, context) }),
    ...timeoutOf(given['timeout'], '', context),
  };
  return { workflow, problems: problems.found, placeOf: (path) => places.shortOf(path) };
}

/** What is no list, or no object in it, stays as it is: the validation says so. */
function eachOf(
  list: JsonValue,
  read: (given: JsonObject, at: number, context: ExportContext) => JsonObject,
  context: ExportContext,
): JsonValue {
  if (!isJsonArray(list)) return list;
  return list.map((item, at) =>
    isJsonObject(item) ? read(presentMembers(item), at, context) : item,
  );
}

/** Whether it has a task that only Boomerang calls so: a workflow of ours never does. */
export function isFromBoomerang(workflow: JsonObject): boolean {
  return itemsOf(workflow['tasks']).some((task) => {
    const type = isJsonObject(task) ? (textIn(task, 'type') ?? '') : '';
    const ours = BOOMERANG_TYPES.get(type);
    return ours !== undefined && ours !== type && type !== 'script';
  });
}

/** By name they would be our short form. */
function listOfTasks(tasks: JsonValue, { problems }: ExportContext): JsonValue {
  if (isJsonArray(tasks)) return tasks;
  problems.add('tasks', 'must be a list, as an export of Boomerang Flow v4 has it');
  return [];
}

function reportStatus(status: JsonValue | undefined, { problems }: ExportContext): void {
  if (status === undefined || status === 'active') return;
  const detail =
    'must be "active", as what is imported is: change it, and switch the workflow off by PATCH {"status": "inactive"}';
  problems.add('status', detail);
}
