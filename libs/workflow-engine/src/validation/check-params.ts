import { hintFor } from '@app/errors';
import { isJsonObject, jsonObjectOf, membersIn, namesIn } from '@app/json';
import { PATHS_MAX } from '../bounds.js';
import { type TaskDefinition, type WorkflowDefinition } from '../definition/definition.js';
import { Ancestors } from '../definition/ancestors.js';
import { splitFinally, taskGraph } from '../definition/graph.js';
import { paramTemplates } from '../task-types/param-templates.js';
import { type Reference, whiteSpaceProblem } from '../parameters/reference.js';
import { isSecretParam, secretParamsOf } from '../parameters/typed-params.js';
import { referencesIn, type Template } from '../parameters/template.js';
import {
  type ParamRule,
  type TaskBehaviour,
  type TaskBehaviours,
} from '../task-types/task-behaviour.js';
import { NeededSuccess } from './needed-success.js';
import { type ProblemList } from './problem-list.js';

/** Members of a task, which are often written among the parameters of its type. */
const OF_THE_TASK: readonly string[] = ['needs', 'timeout', 'retry'];

const SECRET_PLACES =
  'a secret can stand only in what a call sends: "url", "query", "headers", "body", "form" or the "clientSecret" of ' +
  '"oauth2" of an http task; "url", "headers" or "sign" of an event task';

const SECRET_IN_CALL =
  "a function can't have a secret, which is put in only when the call is sent, and masked as it is; make what the " +
  'function would give a secret of its own';

interface Context {
  readonly ancestors: Ancestors;
  readonly successes: NeededSuccess;
  /** The tasks of `finally`. */
  readonly last: ReadonlySet<string>;
  readonly tasks: ReadonlyMap<string, TaskDefinition>;
  readonly behaviours: TaskBehaviours;
  /** The names of the declared parameters that are secrets. */
  readonly secretParams: ReadonlySet<string>;
  readonly problems: ProblemList;
}

/** Checks each task's parameters against what its type takes, and each reference in them. */
export function checkParams(
  { tasks, params: specs }: WorkflowDefinition,
  behaviours: TaskBehaviours,
  problems: ProblemList,
): void {
  const byName = new Map(tasks.map((task) => [task.name, task]));
  const last = new Set(splitFinally(tasks).last.map(({ name }) => name));
  const ancestors = new Ancestors(taskGraph(tasks));
  const context = {
    ancestors,
    successes: new NeededSuccess(byName),
    last,
    tasks: byName,
    behaviours,
    problems,
    secretParams: secretParamsOf(specs),
  };
  const counts = new Map<ParamRule, number>();
  let paths = 0;
  for (const [at, task] of tasks.entries()) {
    const path = `tasks[${at}].params`;
    const behaviour = behaviours.get(task.type);
    if (behaviour !== undefined) {
      checkNames(task, behaviour, path, problems);
      if (!mayHaveThem(task, behaviour, path, counts, problems)) continue;
    }
    paths += checkValues(task, behaviour, path, context);
  }
  if (paths > PATHS_MAX) {
    problems.add('tasks', `have ${paths} references with a JSONPath, and may have ${PATHS_MAX}`);
  }
}

function checkNames(
  { type, params = [] }: TaskDefinition,
  behaviour: TaskBehaviour,
  path: string,
  problems: ProblemList,
): void {
  const given = new Set(params.map(({ name }) => name));
  for (const [name, { required, notWith }] of behaviour.params) {
    if (notWith !== undefined && given.has(name) && given.has(notWith)) {
      problems.add(path, `${type} takes either "${name}" or "${notWith}", not both`);
    }
    if (required && !given.has(name)) problems.add(path, `${type} needs a parameter "${name}"`);
  }
  const { needsOneOf = [] } = behaviour;
  if (needsOneOf.length > 0 && !needsOneOf.some((name) => given.has(name))) {
    problems.add(path, `${type} needs ${needsOneOf.map((name) => `"${name}"`).join(' or ')}`);
  }
  const written = jsonObjectOf(params.map(({ name, value }) => [name, value]));
  const together = behaviour.together?.(given, written);
  if (together !== undefined) problems.add(path, `${type}: ${together}`);
  for (const [at, { name }] of params.entries()) {
    if (name !== '' && !behaviour.params.has(name)) {
      const place = OF_THE_TASK.includes(name) ? ': it stands beside the type, in the task' : '';
      const detail = `${type} takes no parameter "${name}"${place}`;
      problems.addUnknown(`${path}[${at}].name`, detail, name, behaviour.params.keys());
    }
  }
}

/** Counts parameters of which only so many tasks may have one. @returns false for one too many, which is not looked into */
function mayHaveThem(
  { type, params = [] }: TaskDefinition,
  behaviour: TaskBehaviour,
  path: string,
  counts: Map<ParamRule, number>,
  problems: ProblemList,
): boolean {
  let isWithin = true;
  for (const [at, { name }] of params.entries()) {
    const rule = behaviour.params.get(name);
    if (rule?.tasksMax === undefined) continue;
    const count = (counts.get(rule) ?? 0) + 1;
    counts.set(rule, count);
    if (count <= rule.tasksMax) continue;
    isWithin = false;
    const detail = `at most ${rule.tasksMax} tasks of the type ${type} may have a "${name}" in one workflow`;
    problems.add(`${path}[${at}]`, detail);
  }
  return isWithin;
}

/** @returns the number of references with a JSONPath */
function checkValues(
  task: TaskDefinition,
  behaviour: TaskBehaviour | undefined,
  path: string,
  context: Context,
): number {
  const { problems } = context;
  let paths = 0;
  const params = task.params ?? [];
  const malformed = (at: string, detail: string): void => {
    problems.add(at, detail);
  };
  const { ordered, cycles } = paramTemplates(params, path, malformed, behaviour);
  for (const cycle of cycles) {
    problems.add(path, `refer to each other in a circle: ${cycle.join(' → ')}`);
  }
  const isKnown = behaviour !== undefined;
  for (const { name, template } of ordered) {
    const at = `${path}[${params.findLastIndex((param) => param.name === name)}].value`;
    const rule = behaviour?.params.get(name);
    const written = { template, at, rule, task: task.name, isKnown };
    paths += referencesIn(template).filter(({ tail }) => tail !== undefined).length;
    if (rule?.members === undefined) checkValue(written, context);
    else checkMembers(written, rule.members, context);
  }
  return paths;
}

/** A value of a task as it is written, or a member of one. */
interface Written {
  readonly template: Template;
  readonly at: string;
  readonly rule: ParamRule | undefined;
  readonly task: string;
  /** Whether the type of the task is known. */
  readonly isKnown: boolean;
}

function checkValue(written: Written, context: Context): void {
  const { template, at, rule, task, isKnown } = written;
  const { problems, secretParams } = context;
  for (const reference of referencesIn(template)) {
    const isMisplaced = reference.asUrl === true && isKnown && rule?.join === undefined;
    if (problems.isFull) return;
    const problem = isMisplaced
      ? `"url:" has a meaning only where values are encoded, in a URL`
      : (whiteSpaceProblem(reference) ??
        (reference.from === 'secret' || isSecretParam(reference, secretParams)
          ? secretProblem(reference, template, rule, secretParams)
          : referenceProblem(reference, task, context)));
    if (problem !== undefined) problems.add(at, `${reference.text}: ${problem}`);
  }
  const problem = valueProblem(template, rule);
  if (problem !== undefined) problems.add(at, problem);
  if (template.kind !== 'literal') return;
  for (const { path: within = at, detail } of rule?.problems?.(template.value, at) ?? [])
    problems.add(within, detail);
}

function checkMembers(
  written: Written,
  rules: ReadonlyMap<string, ParamRule>,
  context: Context,
): void {
  const { template, at } = written;
  const { problems } = context;
  const members = membersOf(template);
  if (members === undefined) {
    problems.add(at, `must be written out as an object of ${[...rules.keys()].join(', ')}`);
    return;
  }
  for (const [name, { required }] of rules) {
    if (required && !members.has(name)) problems.add(at, `needs a member "${name}"`);
  }
  for (const [name, member] of members) {
    const rule = rules.get(name);
    if (rule === undefined) problems.addUnknownMember(`${at}.${name}`, name, rules.keys());
    else checkValue({ ...written, template: member, at: `${at}.${name}`, rule }, context);
  }
}

/** The members of a value that is written as an object; undefined for any other. */
function membersOf(template: Template): ReadonlyMap<string, Template> | undefined {
  if (template.kind === 'object') return new Map(template.members);
  if (template.kind !== 'literal' || !isJsonObject(template.value)) return undefined;
  const literals = membersIn(template.value);
  return new Map(literals.map(([name, value]) => [name, { kind: 'literal', value }]));
}

function valueProblem(template: Template, rule: ParamRule | undefined): string | undefined {
  if (rule?.secrets === 'only') {
    const isSecret = template.kind === 'reference' && template.reference.from === 'secret';
    return isSecret ? undefined : 'must be a secret by its name: $(secrets.name), and nothing else';
  }
  return template.kind === 'literal' ? rule?.problem(template.value) : undefined;
}

function secretProblem(
  reference: Reference,
  template: Template,
  rule: ParamRule | undefined,
  secretParams: ReadonlySet<string>,
): string | undefined {
  if (reference.from === 'secret' && secretParams.has(reference.name)) {
    return `there is a secret parameter "${reference.name}", too; rename the parameter`;
  }
  if (reference.path.length > 0 || reference.tail !== undefined) {
    return 'a secret parameter is a text and has no parts';
  }
  if (rule?.secrets === undefined) {
    return SECRET_PLACES;
  }
  if (reference.inCall === true) return SECRET_IN_CALL;
  if (rule.secrets === 'values' && isInName(reference, template))
    return "a secret can't be in the name of a header; names are shown";
  const isFirst =
    template.kind === 'reference' || (template.kind === 'text' && template.parts[0] === reference);
  return rule.secrets === 'inside' && isFirst
    ? "a secret can't be where a URL begins; where a call goes to is shown"
    : undefined;
}

/** Of an array of `{name, value}`; names of members have no references. */
function isInName(reference: Reference, template: Template): boolean {
  if (template.kind !== 'array') return false;
  return template.items.some(
    (item) =>
      item.kind === 'object' &&
      item.members.some(
        ([member, its]) => member === 'name' && [...referencesIn(its)].includes(reference),
      ),
  );
}

function referenceProblem(
  reference: Reference,
  from: string,
  { tasks, behaviours, ancestors, successes, last }: Context,
): string | undefined {
  if (reference.from !== 'task') return undefined;
  const { task, name } = reference;
  const referred = tasks.get(task);
  if (referred === undefined) {
    return `no task has the name "${task}"${hintFor(task, tasks.keys())}`;
  }
  const isBefore = ancestors.has(from, task) || (last.has(from) && !last.has(task));
  if (!isBefore) return `task "${task}" does not come before this one`;
  const hasSucceeded = (): boolean => successes.isNeeded(task, from);
  const known = resultNamesOf(referred, behaviours.get(referred.type), hasSucceeded);
  if (known === undefined || known === 'any' || known.includes(name)) return undefined;
  const names = known.length === 0 ? 'no results' : `only the results ${known.join(', ')}`;
  return `task "${task}" has ${names}${hintFor(name, known)}`;
}

/** @param hasSucceeded whether the task has succeeded wherever its results are referred to; if not, it may have failed */
function resultNamesOf(
  { params = [] }: TaskDefinition,
  behaviour: TaskBehaviour | undefined,
  hasSucceeded: () => boolean,
): TaskBehaviour['resultNames'] | undefined {
  const { resultNames, namesResults } = behaviour ?? {};
  const value = params.find(({ name }) => name === namesResults?.param)?.value;
  if (resultNames === undefined || resultNames === 'any' || !isJsonObject(value)) {
    return resultNames;
  }
  const always = hasSucceeded()
    ? resultNames.filter((name) => name !== namesResults?.insteadOf)
    : resultNames;
  return [...always, ...namesIn(value)];
}
