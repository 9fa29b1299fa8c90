import { isJsonObject, type JsonObject, jsonObjectOf, type JsonValue } from '@app/json';
import { siblingIn } from './carried-references.js';
import { type ExportContext, isEmpty, namesOf, textIn } from './export-context.js';

/** Boomerang's names of parameters and the names here, by task type of this system. */
const RENAMED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  approval: { approverGroupId: 'group', approverGroupRef: 'group', numberOfApprovers: 'approvers' },
  'acquire-lock': { timeout: 'lease' },
  'run-workflow': { workflowId: 'workflowRef' },
  'run-scheduled-workflow': { workflowId: 'workflowRef' },
};

/** The task types that begin a run, each with its own parameters; all others are parameters of the run it begins. */
const BEGIN: Readonly<Record<string, readonly string[]>> = {
  'run-workflow': ['workflowRef', 'workflowId'],
  'run-scheduled-workflow': [
    ...['workflowRef', 'workflowId', 'futureIn', 'futurePeriod', 'time', 'timezone'],
  ],
};

/** The task types for which an empty text is a value, and not an empty field of a form. */
const TAKE_EMPTY: readonly string[] = ['decision', 'set-property'];

const SIBLING = 'is a parameter that only the run begun by this task gets: write its value';

/** The parameters of a task that the system runs without a worker. */
export function systemParams(
  type: string,
  params: readonly JsonValue[],
  path: string,
  context: ExportContext,
): readonly JsonValue[] {
  const { places } = context;
  const names = new Set(namesOf(params));
  const forOther = new Map<string, JsonValue>();
  const made: JsonValue[] = [];
  for (const [at, param] of params.entries()) {
    const place = `${path}[${at}]`;
    const name = isJsonObject(param) ? (textIn(param, 'name') ?? '') : '';
    if (isJsonObject(param) && BEGIN[type]?.includes(name) === false) {
      carryOver(name, param, { place, names, forOther }, context);
      continue;
    }
    if (isJsonObject(param) && isLeftOut(type, name, param, params)) continue;
    const ours = RENAMED[type]?.[name] ?? name;
    places.set(`${path}[${made.length}]`, place);
    made.push(isJsonObject(param) ? { ...withoutType(param), name: ours } : param);
  }
  if (type === 'run-workflow') made.push({ name: 'wait', value: false });
  if (forOther.size > 0) {
    places.set(`${path}[${made.length}]`, path);
    made.push({ name: 'params', value: jsonObjectOf(forOther) });
  }
  return made;
}

/** Whether a parameter is left out: an empty field of a form, or a time of day that Boomerang ignores. */
function isLeftOut(
  type: string,
  name: string,
  param: JsonObject,
  params: readonly JsonValue[],
): boolean {
  if (type === 'run-scheduled-workflow' && name === 'time' && isShort(params)) return true;
  return !TAKE_EMPTY.includes(type) && isEmpty(param['value']) && 'value' in param;
}

/** Whether the period is in minutes or hours, which count from now; Boomerang ignores `time` then. */
function isShort(params: readonly JsonValue[]): boolean {
  return params.some(
    (param) =>
      isJsonObject(param) &&
      param['name'] === 'futurePeriod' &&
      (param['value'] === 'minutes' || param['value'] === 'hours'),
  );
}

interface Carried {
  readonly place: string;
  readonly names: ReadonlySet<string>;
  readonly forOther: Map<string, JsonValue>;
}

function carryOver(
  name: string,
  { value = null }: JsonObject,
  { place, names, forOther }: Carried,
  { problems }: ExportContext,
): void {
  const sibling = siblingIn(value, name, names);
  if (name === '') problems.add(`${place}.name`, 'must be a text');
  if (forOther.has(name)) problems.add(`${place}.name`, `"${name}" is used twice`);
  if (sibling !== undefined) problems.add(`${place}.value`, `${sibling}: ${SIBLING}`);
  forOther.set(name, value);
}

/** Some versions repeat the `type` of the declaration, which has no meaning here. */
function withoutType(param: JsonObject): JsonObject {
  const { type: _type, ...rest } = param;
  return rest;
}
