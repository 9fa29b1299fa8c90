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
  it('has the topics that tasks wait for by a key', async () => {
    expect(await has([aWait('sent', 'x'), aWait('paid', '$(params.order)')])).toBe(true);
    expect(await has([aWait('sent', 'x')])).toBe(false);
    expect(await has([aWait('paid')])).toBe(false);
    expect(await has([])).toBe(false);
  });

  it('takes a topic that only the run knows for any', async () => {
    expect(await has([aWait('$(params.topic)', 'x')])).toBe(true);
  });

  it('does not look at a workflow that has no such task', async () => {
    const revision = (): never => {
      throw new Error('not needed');
    };
    const workflow = { ...WORKFLOW, requires: ['task:sleep'] };
    expect(await new AwaitedTopics({ revision }).has(workflow, 'paid')).toBe(false);
  });
});
