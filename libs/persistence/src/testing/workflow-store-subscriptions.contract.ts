import { type WorkflowStore } from '../workflows/workflow-store.js';
import { aRevision, aWorkflow, aWorkflowToken } from './builders.js';

/** The part of the contract of `WorkflowStore` about tokens that several workflows share. */
export function describeSubscriptions(theStore: () => WorkflowStore): void {
  describe('a token of several workflows', () => {
    it('finds all workflows that a token may start', async () => {
      const shared = aWorkflowToken({ id: 'shared', hash: 'shared' });
      for (const id of ['b', 'a', 'c']) {
        const workflow = aWorkflow({ id, name: `shared-${id}`, tokens: [shared] });
        await theStore().create(workflow, aRevision({ workflowId: id }));
      }
      await theStore().remove('c', undefined);

      const found = await theStore().listByToken('shared', 10);
      expect(found.map(({ id }) => id)).toEqual(['a', 'b']);
      expect(found[0]).toEqual(await theStore().get('a'));
      expect(await theStore().listByToken('shared', 1)).toHaveLength(1);
      expect(await theStore().listByToken('nobody', 10)).toEqual([]);
    });
  });
}
