import { WorkflowCache } from '@app/persistence';
import { aRevision, aWorkflow, MemoryWorkflowStore } from '@app/persistence/testing';
import { BUILD_FEATURES, type Plan } from '@app/workflow-engine';
import { aDefinition, anHttpTask } from '@app/workflow-engine/testing';
import { TASK_TYPES_RUN } from '../../tasks/task-handler.js';
import { Plans } from './plans.js';

describe(Plans.name, () => {
  it.each([
    ['the one of its workflow', 5_000, 60_000, 5_000],
    ['the one of the operator, where that is shorter', 5_000, 1_000, 1_000],
    ['the one of the operator, where its workflow has none', undefined, 1_000, 1_000],
    ['none', undefined, Infinity, undefined],
  ])('give a run the timeout that counts: %s', async (_what, timeoutMs, durationMsMax, counts) => {
    const workflows = new MemoryWorkflowStore();
    const { id, latestRevision } = aWorkflow();
    const tasks = aDefinition([anHttpTask('call')]);
    const definition = { ...tasks, ...(timeoutMs !== undefined && { timeoutMs }) };
    await workflows.create(aWorkflow(), aRevision({ definition }));
    const cache = new WorkflowCache(workflows);
    const plans = new Plans(cache, 10, TASK_TYPES_RUN, BUILD_FEATURES, durationMsMax);

    const plan = (await plans.planOf(id, latestRevision)) as Plan;

    expect(plan.timeoutMs).toBe(counts);
  });
});
