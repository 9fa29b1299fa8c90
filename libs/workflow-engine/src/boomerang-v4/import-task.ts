import { hintFor } from '@app/errors';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '@app/json';
import { reportContext } from './carried-references.js';
import {
  type ExportContext,
  isEmpty,
  presentMembers,
  reportBoth,
  reportRetries,
  reportUnknown,
  reportWorkspaces,
  textIn,
  timeoutOf,
} from './export-context.js';
import { systemParams } from './system-params.js';
import { workerParams } from './worker-params.js';

/** Members of a task that are ignored, because they have no effect on runs; docs/compatibility.md lists them. */
export const IGNORED_OF_TASK = [
  ...['annotations', 'upgradesAvailable', 'templateUpgradesAvailable'],
] as const;

const KNOWN = [
  ...['name', 'type', 'taskRef', 'templateRef', 'taskVersion', 'templateVersion', 'dependencies'],
  ...['params', 'results', 'labels', 'spec', 'workspaces', 'timeout', 'retries'],
  ...IGNORED_OF_TASK,
];

/** The task types of Boomerang and their types here. Its `script` runs in a container, so a worker runs it here. */
export const BOOMERANG_TYPES: ReadonlyMap<string, string> = new Map([
  ...['start', 'end', 'decision', 'approval', 'manual', 'sleep'].map((type): [string, string] => [
    type,
    type,
  ]),
  ['eventwait', 'wait-for-event'],
  ['setwfproperty', 'set-property'],
  ['setwfstatus', 'set-status'],
  ['acquirelock', 'acquire-lock'],
  ['releaselock', 'release-lock'],
  ['runworkflow', 'run-workflow'],
  ['runscheduledworkflow', 'run-scheduled-workflow'],
  ['script', 'custom'],
  ...['template', 'custom', 'generic'].map((type): [string, string] => [type, type]),
]);

const FOR_WORKERS: readonly string[] = ['template', 'script', 'custom', 'generic'];

/** Converts a task to the long form. What can't be read stays as it is, and the validation reports it. */
export function importTask(given: JsonObject, at: number, context: ExportContext): JsonObject {
  const path = `tasks[${at}]`;
  reportUnknown(given, KNOWN, path, context);
  reportRetries(given['retries'], path, context);
  reportWorkspaces(given['workspaces'], path, context);
  reportBoth(given, 'taskRef', 'templateRef', path, context);
  reportBoth(given, 'taskVersion', 'templateVersion', path, context);
  reportContext(given['params'], `${path}.params`, context);
  const { name, type, dependencies } = given;
  const theirs = textIn(given, 'type') ?? '';
  const known = BOOMERANG_TYPES.get(theirs);
  if (type !== undefined && known === undefined) reportType(type, path, context);
  return {
    ...(name !== undefined && { name }),
    // For an unknown type, a type without required parameters stands in, so that the validation reports no others.
    ...(type !== undefined && { type: known ?? 'manual' }),
    ...(dependencies !== undefined && { dependencies: importDependencies(dependencies) }),
    ...(known !== undefined && {
      params: paramsOf(theirs, known, given, path, context),
    }),
    ...timeoutOf(given['timeout'], path, context),
  };
}

function paramsOf(
  type: string,
  ours: string,
  task: JsonObject,
  path: string,
  context: ExportContext,
): JsonValue {
  const { params } = task;
  if (params !== undefined && !isJsonArray(params)) return params;
  if (FOR_WORKERS.includes(type)) return workerParams(type, task, path, context);
  reportSpec(task, path, context);
  return systemParams(ours, params ?? [], `${path}.params`, context);
}

function reportSpec({ spec }: JsonObject, path: string, { problems }: ExportContext): void {
  if (isEmpty(spec)) return;
  problems.add(`${path}.spec`, `is only for tasks that workers run: ${FOR_WORKERS.join(', ')}`);
}

function reportType(type: JsonValue, path: string, { problems }: ExportContext): void {
  const known = [...BOOMERANG_TYPES.keys()];
  const hint = typeof type === 'string' ? hintFor(type.slice(0, 100), known) : '';
  const detail = `must be a task type of Boomerang Flow v4: ${known.join(', ')}${hint}`;
  problems.add(`${path}.type`, detail);
}

/** An empty pattern means none, and `always` is the default condition. All else has the same form in both systems. */
function importDependencies(dependencies: JsonValue): JsonValue {
  if (!isJsonArray(dependencies)) return dependencies;
  return dependencies.map((dependency) => {
    if (!isJsonObject(dependency)) return dependency;
    const {
      executionCondition = 'always',
      decisionCondition = '',
      ...rest
    } = presentMembers(dependency);
    const pattern = decisionCondition === '' ? {} : { decisionCondition };
    return { ...rest, executionCondition, ...pattern };
  });
}
