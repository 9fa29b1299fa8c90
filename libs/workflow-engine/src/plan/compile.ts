import { type JsonObject, jsonObjectOf, memberOf } from '@app/json';
import {
  type Concurrency,
  type Dependency,
  type ParamSpec,
  type TaskDefinition,
  type WorkflowDefinition,
} from '../definition/definition.js';
import { DefinitionInvalidError } from '../errors.js';
import { sortTopologically, splitFinally, taskGraph } from '../definition/graph.js';
import { pathStepsMax } from '../parameters/path-tail.js';
import { type Reference } from '../parameters/reference.js';
import { parseTemplate, referencesIn, type Template } from '../parameters/template.js';
import { convert, secretParamsOf, typedParams } from '../parameters/typed-params.js';
import { paramTemplates } from '../task-types/param-templates.js';
import {
  conditionLines,
  patternsOfOneWorkflow,
  type PatternCompiler,
} from '../definition/pattern.js';
import { type TaskBehaviours } from '../task-types/task-behaviour.js';
import {
  type Choice,
  type Plan,
  type PlannedConcurrency,
  type PlannedEdge,
  type PlannedTask,
} from './plan.js';

interface TaskInMaking extends PlannedTask {
  readonly incoming: PlannedEdge[];
  readonly outgoing: PlannedEdge[];
}

interface Context {
  /** All tasks of the workflow. */
  readonly all: readonly TaskDefinition[];
  readonly patterns: PatternCompiler;
  readonly behaviours: TaskBehaviours;
}

/**
 * Compiles a definition that `validateDefinition` accepted, in this release or an earlier one, into a plan. A saved
 * definition is not validated again, so that a rule of a later release can't end a run that was accepted before. A
 * fault in it fails the run when the run reaches it.
 *
 * @throws DefinitionInvalidError when no run could begin: without `end`, or with an unknown task type
 */
export function compile(
  definition: WorkflowDefinition,
  compiler: PatternCompiler,
  behaviours: TaskBehaviours,
): Plan {
  const patterns = patternsOfOneWorkflow(compiler);
  const { main, last } = splitFinally(definition.tasks);
  const context = { all: definition.tasks, patterns, behaviours };
  const before = planTasks(main, 0, context);
  const tasks = [...before, ...planTasks(last, before.length, context)];
  const end = before.at(-1);
  // Every task leads to `end`, so the order closes with it.
  if (end?.type !== 'end') throw new DefinitionInvalidError([{ detail: 'end is not the last' }]);
  const params = definition.params ?? [];
  const concurrency = planConcurrency(definition.concurrency);
  const secretParams = secretParamsOf(params);
  const defaults = defaultsOf(params);
  const references = referencesOf(tasks, concurrency?.key);
  return {
    tasks,
    byName: new Map(tasks.map((task) => [task.name, task])),
    end,
    required: params
      .filter((param) => param.required === true && param.default === undefined)
      .map(({ name }) => name),
    defaults,
    typed: typedParams(params, patterns),
    secretParams,
    notify: definition.notify ?? [],
    ...(concurrency !== undefined && { concurrency }),
    uses: usesOf(references, ownParams(params, defaults), definition.notify),
    pathStepsMax: pathStepsMax(references.filter(({ tail }) => tail !== undefined).length),
    ...(definition.retry !== undefined && { retry: definition.retry }),
    ...(definition.timeoutMs !== undefined && { timeoutMs: definition.timeoutMs }),
  };
}

function planConcurrency(written: Concurrency | undefined): PlannedConcurrency | undefined {
  if (written === undefined) return undefined;
  const { key, limit = 1, ...rest } = written;
  const template = key === undefined ? undefined : parseTemplate(key, '', () => undefined);
  return { ...rest, limit, ...(template !== undefined && { key: template }) };
}

function defaultsOf(params: readonly ParamSpec[]): JsonObject {
  const defaults = params.flatMap(({ name, type, default: value }) => {
    const converted = value === undefined ? undefined : convert(value, type);
    return converted === undefined ? [] : [[name, converted] as const];
  });
  return jsonObjectOf(defaults);
}

/** The names of parameters that never fall back to one of the installation: they have a value, or are secret. */
function ownParams(params: readonly ParamSpec[], defaults: JsonObject): ReadonlySet<string> {
  const own = params.filter(
    ({ name, required = false, secret = false }) =>
      required || secret || memberOf(defaults, name) !== undefined,
  );
  return new Set(own.map(({ name }) => name));
}

function referencesOf(
  tasks: readonly PlannedTask[],
  key: Template = { kind: 'literal', value: null },
): readonly Reference[] {
  const ofTasks = tasks.flatMap(({ params }) => params.map(({ template }) => template));
  return [key, ...ofTasks].flatMap((template) => [...referencesIn(template)]);
}

/** @param own the names of parameters that are never the installation's */
function usesOf(
  references: readonly Reference[],
  own: ReadonlySet<string>,
  notify: WorkflowDefinition['notify'] = [],
): Plan['uses'] {
  // A reference to `params` falls back to the parameters of the installation.
  const parameters = references.some(
    ({ from, name }) => from === 'global' || (from === 'params' && !own.has(name)),
  );
  const isSigned = notify.some(({ secret }) => secret !== undefined);
  return { parameters, secrets: isSigned || references.some(({ from }) => from === 'secret') };
}

function planTasks(
  tasks: readonly TaskDefinition[],
  firstAt: number,
  context: Context,
): PlannedTask[] {
  const definitions = new Map(tasks.map((task) => [task.name, task]));
  const planned = new Map<string, TaskInMaking>();
  for (const name of sortTopologically(taskGraph(tasks)).order) {
    const task = definitions.get(name);
    if (task === undefined) continue;
    const made = planTask(task, firstAt + planned.size, context);
    planned.set(name, made);
    for (const dependency of task.dependencies ?? []) {
      const from = planned.get(dependency.taskRef);
      if (from !== undefined) join(from, made, dependency, context.patterns);
    }
  }
  return [...planned.values()];
}

function planTask(task: TaskDefinition, at: number, { all, behaviours }: Context): TaskInMaking {
  const behaviour = behaviours.get(task.type);
  if (behaviour === undefined) {
    const detail = `"${task.name}" is of type "${task.type}", which this release does not have`;
    throw new DefinitionInvalidError([{ detail }]);
  }
  return {
    at,
    name: task.name,
    type: task.type,
    behaviour: behaviour.ofTask?.(task.params ?? [], all) ?? behaviour,
    incoming: [],
    outgoing: [],
    isLast: task.finally === true,
    params: paramTemplates(task.params ?? [], '', () => undefined, behaviour).ordered,
    ...(task.timeoutMs !== undefined && { timeoutMs: task.timeoutMs }),
    ...(task.retry !== undefined && { retry: task.retry }),
  };
}

function join(
  from: TaskInMaking,
  to: TaskInMaking,
  { executionCondition = 'always', decisionCondition }: Dependency,
  patterns: PatternCompiler,
): void {
  const edge = {
    from,
    to,
    condition: executionCondition,
    ...(from.type === 'decision' && { choice: choiceOf(decisionCondition, patterns) }),
  };
  from.outgoing.push(edge);
  to.incoming.push(edge);
}

function choiceOf(condition: string | undefined, patterns: PatternCompiler): Choice {
  const lines = conditionLines(condition);
  if (lines.length === 0) return { kind: 'default' };
  const compiled = lines.map((line) => patterns(line));
  const usable = compiled.filter((pattern) => pattern.kind === 'ok');
  return {
    kind: 'patterns',
    size: usable.length < compiled.length ? Infinity : sum(usable.map(({ size }) => size)),
    matches: (text) => usable.some((pattern) => pattern.matches(text)),
  };
}

function sum(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total + size, 0);
}
