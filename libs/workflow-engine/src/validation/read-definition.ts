import { PARAMS_MAX, TASKS_MAX, TIMEOUT_MS_MIN, WORKFLOW_TIMEOUT_MS_MAX } from '../bounds.js';
import { type WorkflowDefinition } from '../definition/definition.js';
import { type TaskBehaviours } from '../task-types/task-behaviour.js';
import { secretParamsOf } from '../parameters/typed-params.js';
import { Members } from './members.js';
import { type ProblemList, reportDuplicates } from './problem-list.js';
import { readConcurrency } from './read-concurrency.js';
import { readNotify } from './read-notify.js';
import { readParamSpec } from './read-param-spec.js';
import { readRunRetry } from './read-retry.js';
import { readTask } from './read-task.js';

const MEMBERS = ['tasks', 'params', 'timeoutMs', 'retry', 'notify', 'concurrency'];

/**
 * Gives untrusted, parsed JSON the shape of a definition and reports every deviation. The result
 * has an entry for each entry that was there, so indices in paths stay right; only when nothing was
 * reported is it what was sent.
 */
export function readDefinition(
  input: unknown,
  behaviours: TaskBehaviours,
  problems: ProblemList,
): WorkflowDefinition {
  const members = new Members(input, '', MEMBERS, problems);
  members.require('tasks');
  const timeoutMs = members.integer('timeoutMs', {
    min: TIMEOUT_MS_MIN,
    max: WORKFLOW_TIMEOUT_MS_MAX,
  });
  const params = members
    .list('params', PARAMS_MAX)
    .map((param, at) => readParamSpec(param, `params[${at}]`, problems));
  reportDuplicates(params, 'params', problems);
  const tasks = members
    .list('tasks', TASKS_MAX)
    .map((task, at) => readTask(task, `tasks[${at}]`, behaviours, problems));
  reportDuplicates(tasks, 'tasks', problems);
  const policy = members.value('retry');
  const retry = policy === undefined ? undefined : readRunRetry(policy, problems);
  const notify = readNotify(members, problems);
  const concurrency = readConcurrency(members, secretParamsOf(params), problems);
  return {
    tasks,
    params,
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(retry !== undefined && { retry }),
    ...(notify !== undefined && { notify }),
    ...(concurrency !== undefined && { concurrency }),
  };
}
