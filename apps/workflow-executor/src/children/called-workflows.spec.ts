import { aRevision, aWorkflow, MemoryWorkflowStore } from '@app/persistence/testing';
import { WorkflowCache } from '@app/persistence';
import { CalledWorkflows } from './called-workflows.js';

let workflows: MemoryWorkflowStore;
let asked: string[];
let now: number;
let called: CalledWorkflows;

beforeEach(async () => {
  workflows = new MemoryWorkflowStore();
  [asked, now] = [[], 0];
  await workflows.create(aWorkflow({ id: 'w1', name: 'refund' }), aRevision({ workflowId: 'w1' }));
  const cache = new WorkflowCache(workflows, undefined, () => now);
  const names = {
    getByName: (name: string) => {
      asked.push(name);
      return workflows.getByName(name);
    },
  };
  called = new CalledWorkflows(cache, names, { freshMs: 1_000, namesMax: 2 }, () => now);
});

describe(CalledWorkflows.name, () => {
  it('reads the id of a name once, and again when it is old', async () => {
    for (let times = 0; times < 3; times += 1) {
      expect(await called.find('refund')).toMatchObject({ id: 'w1' });
    }
    expect(asked).toEqual(['refund']);
    now += 1_000;
    await called.find('refund');
    expect(asked).toEqual(['refund', 'refund']);
  });

  it('asks once for all runs that begin at the same time, and again after a failure', async () => {
    workflows.outage.begin();
    const failed = await Promise.allSettled([called.find('refund'), called.find('refund')]);
    expect(failed).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
    workflows.outage.end();

    const found = await Promise.all([called.find('refund'), called.find('refund')]);

    expect(found).toMatchObject([{ id: 'w1' }, { id: 'w1' }]);
    expect(asked).toEqual(['refund', 'refund']);
  });

  it('sees a changed trigger within a second, whatever the cache of the ingress has', async () => {
    await called.find('w1');
    await workflows.switch('w1', { status: 'inactive' }, undefined);
    now += 1_000;

    expect(await called.find('w1')).toMatchObject({ status: 'inactive' });
  });

  it('finds no workflow by an unknown id or name', async () => {
    await expect(called.find('nobody')).rejects.toThrow(
      'No workflow has the id or the name "nobody"',
    );
  });

  it('keeps a bounded number of names', async () => {
    await called.find('refund');
    for (const name of ['a', 'b']) await called.find(name).catch(() => undefined);
    await called.find('refund');

    expect(asked).toEqual(['refund', 'a', 'b', 'refund']);
  });
});
