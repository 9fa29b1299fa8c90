import { askForRun, CHILD_SCHEDULE, runWorkflow, WHICH_RULES } from '../run-workflow.js';
import { invalidParam, type ParamRule, type TaskBehaviour } from '../task-behaviour.js';
import { DUE_RULES, dueProblem, dueTimeOf } from './due-time.js';

const RULES: ReadonlyMap<string, ParamRule> = new Map([...WHICH_RULES, ...DUE_RULES]);

/**
 * Has a run of another workflow begin at a later time. It is over as soon as that run is on record: from
 * then on neither knows what becomes of the other (docs/workflows.md#runs-at-a-later-time).
 */
export const runScheduledWorkflow: TaskBehaviour = {
  about: 'Has a run of another workflow begin at a later time, and does not wait for it.',
  params: RULES,
  needsOneOf: ['workflow', 'workflowRef'],
  together: dueProblem,
  waits: true,
  resultNames: ['activity', 'at'],
  reach: (params, context) => {
    const invalid = invalidParam(params, RULES);
    if (invalid !== undefined) return invalid;
    const due = dueTimeOf(params, context.now);
    if (due.kind === 'invalid') return due;
    const at = new Date(due.at).toISOString();
    const how = { waits: false, notBefore: due.at };
    return askForRun(CHILD_SCHEDULE, params, context, how, { waits: false, at });
  },
  receive: (waiting, input, context) =>
    runWorkflow.receive?.(waiting, input, context) ?? { kind: 'ignored' },
};
