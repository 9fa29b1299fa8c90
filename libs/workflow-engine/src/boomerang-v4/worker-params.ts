import { isJsonObject, type JsonObject, jsonObjectOf, type JsonValue } from '@app/json';
import { asWritten, siblingIn, withoutShell } from './carried-references.js';
import { type ExportContext, filledMembers, itemsOf, namesOf, textIn } from './export-context.js';

const NO_TASK = 'is missing: a task of type "template" must name a task of the catalogue';
const NO_PARAM = 'must be an object with a "name" and a "value"';
const SIBLING = 'is a parameter that only the worker of this task gets: write its value';

/**
 * The parameters of a task that a worker runs. The queue has the name of the task of the catalogue, or of the type;
 * a task of a team is for the group of workers with that name. The input has what Boomerang gives its agents.
 */
export function workerParams(
  type: string,
  task: JsonObject,
  path: string,
  context: ExportContext,
): readonly JsonValue[] {
  const { taskRef = task['templateRef'], taskVersion = task['templateVersion'] } = task;
  const at = `${path}.${task['taskRef'] === undefined && 'templateRef' in task ? 'templateRef' : 'taskRef'}`;
  const { problems, places } = context;
  if (taskRef === undefined && type === 'template') problems.add(at, NO_TASK);
  const [queue, group] = queueOf(taskRef ?? type);
  for (const made of ['params[0].value', 'params[2].value']) places.set(`${path}.${made}`, at);
  places.set(`${path}.params[1].value`, `${path}.params`);
  const { results, labels, spec = null } = task;
  const params = carriedParams(task, path, context);
  const input = {
    type,
    ...filledMembers({ taskRef, taskVersion, params, labels }),
    ...filledMembers({ results: results ?? null, spec: asWritten(spec) }),
  };
  return [
    { name: 'queue', value: queue },
    { name: 'input', value: input },
    ...(group === undefined ? [] : [{ name: 'group', value: group }]),
  ];
}

/** The queue `task` and the group `team` of a reference `team/task`. */
function queueOf(ref: JsonValue): readonly [JsonValue, string?] {
  const slash = typeof ref === 'string' ? ref.indexOf('/') : -1;
  if (typeof ref !== 'string' || slash === -1) return [ref];
  return [ref.slice(slash + 1), ref.slice(0, slash)];
}

function carriedParams(task: JsonObject, path: string, { problems }: ExportContext): JsonObject {
  const names = new Set(namesOf(task['params']));
  const carried = new Map<string, JsonValue>();
  for (const [at, param] of itemsOf(task['params']).entries()) {
    const place = `${path}.params[${at}]`;
    const name = isJsonObject(param) ? textIn(param, 'name') : undefined;
    if (!isJsonObject(param) || name === undefined) {
      problems.add(place, NO_PARAM);
      continue;
    }
    const value = withoutShell(param['value'] ?? null);
    const sibling = siblingIn(value, name, names);
    if (sibling !== undefined) problems.add(`${place}.value`, `${sibling}: ${SIBLING}`);
    if (carried.has(name)) problems.add(`${place}.name`, `"${name}" is used twice`);
    carried.set(name, value);
  }
  return jsonObjectOf(carried);
}
