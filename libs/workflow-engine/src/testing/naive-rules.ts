import { type ActivityState, type TaskState } from '../state/activity-state.js';
import { type TaskDefinition, type WorkflowDefinition } from '../definition/definition.js';
import { conditionLines } from '../definition/pattern.js';

/**
 * A second, simple implementation of the rules of docs/workflows.md, to check the engine against. Its only inputs are
 * the definition and the final states of the tasks.
 */

const has = (state: TaskState | undefined, ...statuses: readonly string[]): boolean =>
  statuses.includes(state?.status ?? 'pending');

/** Whether each dependency of a task is fulfilled, in their order. */
export function livingEdges(
  definition: WorkflowDefinition,
  state: ActivityState,
  task: TaskDefinition,
): readonly boolean[] {
  return (task.dependencies ?? []).map((dependency) => {
    const from = state.tasks[dependency.taskRef];
    const type = definition.tasks.find(({ name }) => name === dependency.taskRef)?.type;
    if (type !== 'decision') {
      const condition = dependency.executionCondition ?? 'always';
      if (condition === 'always') return true;
      if (condition === 'timeout') return has(from, 'timedout');
      return condition === 'success' ? has(from, 'succeeded') : has(from, 'failed', 'timedout');
    }
    if (from?.status !== 'succeeded' || from.decision === undefined) return false;
    const { decision } = from;
    const matches = (condition: string | undefined): boolean =>
      conditionLines(condition).some((line) => line === decision || line === '.*');
    const siblings = definition.tasks.flatMap((one) =>
      (one.dependencies ?? []).filter(({ taskRef }) => taskRef === dependency.taskRef),
    );
    const anyMatches = siblings.some(({ decisionCondition }) => matches(decisionCondition));
    return conditionLines(dependency.decisionCondition).length === 0
      ? !anyMatches
      : matches(dependency.decisionCondition);
  });
}

/** What a run may have ended as: more than one only if several tasks have set its status. */
export function naiveOutcomes(
  definition: WorkflowDefinition,
  final: ActivityState,
): readonly string[] {
  const code = final.failure?.code;
  if (code === 'CANCELLED' || code === 'CONCURRENCY_REPLACED') return ['cancelled'];
  if (code === 'WORKFLOW_TIMEOUT') return ['timedout'];
  const set = definition.tasks.flatMap(({ name, type, params = [] }) => {
    const isSet = type === 'set-status' && has(final.tasks[name], 'succeeded');
    return isSet ? params.filter((one) => one.name === 'status').map(({ value }) => value) : [];
  });
  if (set.length > 0) return set.map(String);
  const handled = new Set<string>();
  for (const task of definition.tasks) {
    if (has(final.tasks[task.name], 'skipped')) continue;
    const living = livingEdges(definition, final, task);
    for (const [at, { taskRef }] of (task.dependencies ?? []).entries())
      if (living[at] === true) handled.add(taskRef);
  }
  const unhandled = Object.entries(final.tasks).filter(
    ([name, task]) => has(task, 'failed', 'timedout') && !handled.has(name),
  );
  return unhandled.length === 0 && has(final.tasks['end'], 'succeeded')
    ? ['succeeded']
    : ['failed'];
}
