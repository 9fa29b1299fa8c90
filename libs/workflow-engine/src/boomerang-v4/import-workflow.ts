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

/** Members of an export that are ignored, because they have no effect on runs; docs/compatibility.md lists them. */
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
  /** The workflow in the long form, as a body of the API; not validated. */
  readonly workflow: JsonObject;
  /** What can't be imported, with paths of the export. */
  readonly problems: readonly Problem[];
  /** Maps a path of `workflow` to the path of the export that it was made of. */
  readonly placeOf: (path: string) => string;
}

/**
 * Converts an export of Boomerang Flow v4 (`GET .../workflow/{name}/export`) to a workflow in the long form. Every
 * member without an equivalent is reported, except the lists `IGNORED_OF_...`, which have no effect on runs. All
 * other faults are reported by the validation of the long form.
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

/** Imports each object of a list. A value that is no list, or an item that is no object, is left to the validation. */
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

/** Whether a workflow has a task whose type only Boomerang has, which no workflow of this system can have. */
export function isFromBoomerang(workflow: JsonObject): boolean {
  return itemsOf(workflow['tasks']).some((task) => {
    const type = isJsonObject(task) ? (textIn(task, 'type') ?? '') : '';
    const ours = BOOMERANG_TYPES.get(type);
    return ours !== undefined && ours !== type && type !== 'script';
  });
}

/** Tasks must be a list: an object of tasks by name would be the short form, which exports never have. */
function listOfTasks(tasks: JsonValue, { problems }: ExportContext): JsonValue {
  if (isJsonArray(tasks)) return tasks;
  problems.add('tasks', 'must be a list, as an export of Boomerang Flow v4 has it');
  return [];
}

function reportStatus(status: JsonValue | undefined, { problems }: ExportContext): void {
  if (status === undefined || status === 'active') return;
  const detail =
    'must be "active", because imported workflows are: change it, and disable the workflow afterwards by PATCH {"status": "inactive"}';
  problems.add('status', detail);
}
