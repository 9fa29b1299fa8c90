import { aRevision } from '@app/persistence/testing';
import { type WorkflowDefinition } from '@app/workflow-engine';
import { AwaitedTopics } from './awaited-topics.js';

const WORKFLOW = { id: 'order', latestRevision: 2, requires: ['task:wait-for-event'] };

function has(tasks: WorkflowDefinition['tasks'], workflow = WORKFLOW): Promise<boolean> {
  const revision = async () => aRevision({ definition: { tasks } });
  return new AwaitedTopics({ revision }).has(workflow, 'paid');
}

function aWait(topic: string, ...more: readonly string[]): WorkflowDefinition['tasks'][number] {
  const others = more.map((value) => ({ name: 'correlationKey', value }));
  return {
    name: 'wait',
    type: 'wait-for-event',
    params: [{ name: 'topic', value: topic }, ...others],
  };
}

describe(AwaitedTopics.name, () => {
  it('finds the topics that tasks wait for with a correlation key', async () => {
    expect(await has([aWait('sent', 'x'), aWait('paid', '$(params.order)')])).toBe(true);
    expect(await has([aWait('sent', 'x')])).toBe(false);
    expect(await has([aWait('paid')])).toBe(false);
    expect(await has([])).toBe(false);
  });

  it('matches any topic when a task computes its topic from the run', async () => {
    expect(await has([aWait('$(params.topic)', 'x')])).toBe(true);
  });

  it('does not read the definition of a workflow without such a task', async () => {
    const revision = (): never => {
      throw new Error('not needed');
    };
    const workflow = { ...WORKFLOW, requires: ['task:sleep'] };
    expect(await new AwaitedTopics({ revision }).has(workflow, 'paid')).toBe(false);
  });
});
