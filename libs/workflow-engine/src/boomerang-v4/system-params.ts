import { isJsonObject, type JsonObject, jsonObjectOf, type JsonValue } from '@app/json';
import { siblingIn } from './carried-references.js';
import { type ExportContext, isEmpty, namesOf, textIn } from './export-context.js';

/** Boomerang's names of parameters, by our task type. */
const RENAMED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  approval: { approverGroupId: 'group', approverGroupRef: 'group', numberOfApprovers: 'approvers' },
  'acquire-lock': { timeout: 'lease' },
  'run-workflow': { workflowId: 'workflowRef' },
  'run-scheduled-workflow': { workflowId: 'workflowRef' },
};

/** Those whose parameters beside these are for the run that they begin. */
const BEGIN: Readonly<Record<string, readonly string[]>> = {
  'run-workflow': ['workflowRef', 'workflowId'],
  'run-scheduled-workflow': [
    ...['workflowRef', 'workflowId', 'futureIn', 'futurePeriod', 'time', 'timezone'],
  ],
};

/** Those to which an empty text is a value, and not a field that nobody filled. */
const TAKE_EMPTY: readonly string[] = ['decision', 'set-property'];

const SIBLING = 'is a parameter of this task, which only the other run gets: write its value';

/** The parameters of a task that the engine does itself. */
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

/** A field that nobody filled, or a time of day that is not looked at. */
function isLeftOut(
  type: string,
  name: string,
  param: JsonObject,
  params: readonly JsonValue[],
): boolean {
  if (type === 'run-scheduled-workflow' && name === 'time' && isShort(params)) return true;
  return !TAKE_EMPTY.includes(type) && isEmpty(param['value']) && 'value' in param;
}

/** Minutes and hours are counted from now; Boomerang does not look at `time` then. */
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

/** Some versions repeat the type of the declaration. */
function withoutType(param: JsonObject): JsonObject {
  const { type: _type, ...rest } = param;
  return rest;
}
