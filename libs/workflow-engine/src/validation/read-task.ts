import {
  DECISION_CONDITION_CHARS_MAX,
  DEPENDENCIES_MAX,
  NAME_CHARS_MAX,
  PARAM_VALUE_CHARS_MAX,
  PARAMS_MAX,
  TASK_TIMEOUT_MS_MAX,
  TIMEOUT_MS_MIN,
  WORKFLOW_TIMEOUT_MS_MAX,
} from '../bounds.js';
import {
  EXECUTION_CONDITIONS,
  TASK_TYPES,
  type Dependency,
  type Param,
  type TaskDefinition,
  type TaskType,
} from '../definition/definition.js';
import { conditionLines } from '../definition/pattern.js';
import { paramNameProblem, taskNameProblem } from '../definition/names.js';
import { type TaskBehaviours } from '../task-types/task-behaviour.js';
import { Members } from './members.js';
import { readRetry } from './read-retry.js';
import { type ProblemList, reportDuplicates } from './problem-list.js';

const TASK_MEMBERS = ['name', 'type', 'dependencies', 'params', 'timeoutMs', 'retry', 'finally'];

/** Gives one untrusted entry of `tasks` its shape; see `readDefinition`. */
export function readTask(
  input: unknown,
  path: string,
  behaviours: TaskBehaviours,
  problems: ProblemList,
): TaskDefinition {
  const members = new Members(input, path, TASK_MEMBERS, problems);
  members.require('name', 'type');
  const name = members.name('name', taskNameProblem);
  const type = readType(members, behaviours);
  const dependencies = members
    .list('dependencies', DEPENDENCIES_MAX)
    .map((entry, at) => readDependency(entry, `${path}.dependencies[${at}]`, problems));
  const params = members
    .list('params', PARAMS_MAX)
    .map((entry, at) => readParam(entry, `${path}.params[${at}]`, problems));
  reportDuplicates(params, `${path}.params`, problems);
  const waits = behaviours.get(type)?.waits === true;
  const max = waits ? WORKFLOW_TIMEOUT_MS_MAX : TASK_TIMEOUT_MS_MAX;
  const timeoutMs = members.integer('timeoutMs', { min: TIMEOUT_MS_MIN, max });
  const isLast = members.flag('finally');
  const policy = members.value('retry');
  const retry = policy === undefined ? undefined : readRetry(policy, `${path}.retry`, problems);
  return {
    name,
    type,
    dependencies,
    params,
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(retry !== undefined && { retry }),
    ...(isLast === true && { finally: true }),
  };
}

/** The type of a task. An unknown type is reported and becomes `none`, about which later checks report nothing. */
function readType(members: Members, behaviours: TaskBehaviours): TaskType {
  const known = [...TASK_TYPES, ...behaviours.keys()];
  const type = members.oneOf('type', [...new Set(known)]);
  if (type !== undefined && !behaviours.has(type)) {
    const runnable = [...behaviours.keys()].join(', ');
    members.reject('type', `"${type}" can't be run by this release, which runs ${runnable}`);
  }
  return type ?? 'none';
}

function readDependency(input: unknown, path: string, problems: ProblemList): Dependency {
  const known = ['taskRef', 'executionCondition', 'decisionCondition'];
  const members = new Members(input, path, known, problems);
  members.require('taskRef');
  const executionCondition = members.oneOf('executionCondition', EXECUTION_CONDITIONS);
  const decisionCondition = members.text('decisionCondition', DECISION_CONDITION_CHARS_MAX);
  return {
    taskRef: members.text('taskRef', NAME_CHARS_MAX) ?? '',
    // A default is not kept, so that equal definitions have one form.
    ...(executionCondition !== undefined &&
      executionCondition !== 'always' && { executionCondition }),
    ...(decisionCondition !== undefined &&
      conditionLines(decisionCondition).length > 0 && { decisionCondition }),
  };
}

function readParam(input: unknown, path: string, problems: ProblemList): Param {
  const members = new Members(input, path, ['name', 'value'], problems);
  members.require('name', 'value');
  const name = members.name('name', paramNameProblem);
  return { name, value: members.json('value', PARAM_VALUE_CHARS_MAX) ?? null };
}
