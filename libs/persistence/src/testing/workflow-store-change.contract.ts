import { parseJson } from '@app/json';
import { TokenNotFoundError, WorkflowChangedError, WorkflowNotFoundError } from '../errors.js';
import { type Workflow } from '../workflows/workflow.js';
import { type TriggerSwitch, type WorkflowStore } from '../workflows/workflow-store.js';
import { NOW, aRevision, aWorkflow, aWorkflowToken } from './builders.js';

/** What a change of a workflow does in every `WorkflowStore`. */
export function describeWorkflowChanges(theStore: () => WorkflowStore): void {
  describe('a change', () => {
    const content = {
      name: 'renamed',
      triggers: { webhook: { enabled: true } },
      labels: { $set: '2' },
      definition: { tasks: [{ name: 'other', type: 'start' }] },
      contentHash: '1'.repeat(64),
      requires: ['task:sleep'],
    } as const;
    const ID = 'workflow-1';

    beforeEach(() =>
      theStore().create(
        aWorkflow({ displayName: 'Shown', tokens: [aWorkflowToken()] }),
        aRevision(),
      ),
    );

    it('of everything creates a revision, and keeps the tokens and the status', async () => {
      await theStore().switch(ID, { status: 'inactive' }, undefined);

      const { workflow, revision } = await theStore().replace(ID, content, NOW + 1, 2);

      const { definition, contentHash, requires, ...named } = content;
      const made = { definition, contentHash, requires, createdAt: NOW + 1 };
      const facts = { workflowId: ID, revision: 2, ...made };
      expect(revision).toEqual(facts);
      const { displayName: _, ...before } = aWorkflow({ displayName: '', ...named });
      expect(workflow).toEqual({
        ...before,
        requires,
        tokens: [aWorkflowToken()],
        status: 'inactive',
        latestRevision: 2,
        lockVersion: 3,
      });
      expect(await theStore().get(ID)).toEqual(workflow);
      expect(await theStore().getRevision(ID, 2)).toEqual(revision);
      expect(await theStore().getRevision(ID, 1)).toEqual(aRevision());
    });

    it('of all but the tasks creates no revision', async () => {
      const { contentHash, definition } = aRevision();
      const same = { ...content, contentHash, definition };

      const { workflow, revision } = await theStore().replace(ID, same, NOW + 1, undefined);

      expect(revision).toEqual(aRevision());
      expect(workflow).toMatchObject({ name: 'renamed', latestRevision: 1, lockVersion: 2 });
    });

    it('succeeds for one of ten with the same version', async () => {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 10 }, (_, n) =>
          theStore().replace(ID, { ...content, contentHash: `${n}` }, NOW, 1),
        ),
      );

      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const refused = outcomes.flatMap((outcome) =>
        outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
      );
      for (const reason of refused) expect(reason).toBeInstanceOf(WorkflowChangedError);
      expect(await theStore().get(ID)).toMatchObject({ latestRevision: 2, lockVersion: 2 });
      expect(await theStore().getRevision(ID, 3)).toBeUndefined();
    });

    it('cannot take the name of another workflow', async () => {
      const other = aWorkflow({ id: 'other', name: 'renamed' });
      await theStore().create(other, aRevision({ workflowId: 'other' }));

      await expect(theStore().replace(ID, content, NOW, undefined)).rejects.toMatchObject({
        code: 'WORKFLOW_EXISTS',
        field: 'name',
      });
      expect(await theStore().get(ID)).toMatchObject({ name: 'a-workflow', lockVersion: 1 });
    });

    it('of the switches keeps the triggers that it does not name', async () => {
      const switches = { status: 'inactive', triggers: { webhook: { enabled: true } } } as const;

      const workflow = await theStore().switch(ID, switches, 1);

      expect(workflow).toMatchObject({
        status: 'inactive',
        triggers: { event: { enabled: true }, webhook: { enabled: true } },
        lockVersion: 2,
      });
      expect(await theStore().get(ID)).toEqual(workflow);
    });

    it('of the quotas keeps the rest, and removes them with null', async () => {
      const before = await theStore().get(ID);
      const quotas = { runsPerMonth: 0 };

      const workflow = await theStore().switch(ID, { quotas }, 1);
      expect(workflow).toEqual({ ...before, quotas, lockVersion: 2 });
      await theStore().replace(ID, content, NOW, undefined);
      expect(await theStore().get(ID)).toMatchObject({ quotas });

      await theStore().switch(ID, { status: 'inactive', quotas: null }, undefined);
      const without = await theStore().get(ID);
      expect(without).not.toHaveProperty('quotas');
      expect(without?.status).toBe('inactive');
    });

    it('of the retention keeps the rest, and removes it with null', async () => {
      const before = await theStore().get(ID);
      const retention = { failed: 86_400_000 * 36_500 };

      const workflow = await theStore().switch(ID, { retention }, 1);
      expect(workflow).toEqual({ ...before, retention, lockVersion: 2 });
      await theStore().switch(ID, { status: 'inactive' }, undefined);
      expect(await theStore().get(ID)).toMatchObject({ retention });

      await theStore().switch(ID, { retention: null }, undefined);
      expect(await theStore().get(ID)).not.toHaveProperty('retention');
    });

    it('of the content replaces the retention, and removes it when it is left out', async () => {
      const retention = { succeeded: 86_400_000 };

      await theStore().replace(ID, { ...content, retention }, NOW, undefined);
      expect(await theStore().get(ID)).toMatchObject({ retention });

      await theStore().replace(ID, content, NOW, undefined);
      expect(await theStore().get(ID)).not.toHaveProperty('retention');
    });

    it('of a switch keeps the filter that it does not name, and removes it with null', async () => {
      const filter = { all: [{ exact: { 'a.b$c': 'x' } }, { conditions: [parseJson('10.50')] }] };
      const switchTo = (event: TriggerSwitch): Promise<Workflow> =>
        theStore().switch(ID, { triggers: { event } }, undefined);

      await switchTo({ enabled: true, filter });
      const off = await switchTo({ enabled: false });
      expect(off.triggers).toEqual({ event: { enabled: false, filter } });
      expect(await theStore().get(ID)).toEqual(off);

      const without = await switchTo({ enabled: true, filter: null });
      expect(without.triggers).toEqual({ event: { enabled: true } });
      expect(await theStore().get(ID)).toEqual(without);
    });

    it('removes a token, and no other', async () => {
      const added = await theStore().addToken(ID, aWorkflowToken({ id: 'second', hash: 'second' }));
      expect(added).toBe((await theStore().get(ID))?.lockVersion);

      const removed = await theStore().removeToken(ID, 'second');
      expect(removed).toBe(added + 1);

      expect(await theStore().getByToken('second')).toBeUndefined();
      expect(await theStore().get(ID)).toMatchObject({
        tokens: [aWorkflowToken()],
        lockVersion: 3,
      });
      await expect(theStore().removeToken(ID, 'second')).rejects.toThrow(TokenNotFoundError);
    });

    it('that deletes it leaves its revisions and keeps its id, and frees its name', async () => {
      await theStore().remove(ID, 1);

      expect(await theStore().get(ID)).toBeUndefined();
      expect(await theStore().getByToken(aWorkflowToken().hash)).toBeUndefined();
      expect((await theStore().list({ limit: 10 })).workflows).toEqual([]);
      expect(await theStore().getRevision(ID, 1)).toEqual(aRevision());
      await expect(
        theStore().create(aWorkflow({ name: 'new' }), aRevision()),
      ).rejects.toMatchObject({ code: 'WORKFLOW_EXISTS', field: 'id' });
      await theStore().create(aWorkflow({ id: 'new' }), aRevision({ workflowId: 'new' }));
    });

    const calls: readonly (readonly [
      string,
      (id: string, ifVersion?: number) => Promise<unknown>,
    ])[] = [
      ['replace', (id, version) => theStore().replace(id, content, NOW, version)],
      ['switch', (id, version) => theStore().switch(id, { status: 'active' }, version)],
      ['remove', (id, version) => theStore().remove(id, version)],
    ];

    it.each(calls)('(%s) wants the version that was meant', async (_name, change) => {
      await expect(change(ID, 0)).rejects.toThrow(WorkflowChangedError);
      await expect(change(ID, 2)).rejects.toThrow(WorkflowChangedError);
      expect(await theStore().get(ID)).toMatchObject({ lockVersion: 1, status: 'active' });
      await change(ID, 1);
    });

    it.each([
      ...calls,
      ['addToken', (id: string) => theStore().addToken(id, aWorkflowToken())] as const,
      ['removeToken', (id: string) => theStore().removeToken(id, aWorkflowToken().id)] as const,
    ])('(%s) is refused of what is unknown or deleted', async (_name, change) => {
      await theStore().remove(ID, undefined);

      await expect(change('nobody')).rejects.toThrow(WorkflowNotFoundError);
      await expect(change(ID)).rejects.toThrow(WorkflowNotFoundError);
    });

    it('is returned to callers that ask for changes since a time', async () => {
      const before = (await theStore().lastChangeAt()) ?? Number.NaN;
      await theStore().switch(ID, { status: 'inactive' }, undefined);
      const [switched] = await theStore().changesSince(before, 10);
      await theStore().remove(ID, undefined);

      const [removed, ...others] = await theStore().changesSince(switched?.changedAt ?? 0, 10);

      expect(switched).toMatchObject({ id: ID, lockVersion: 2 });
      expect(removed).toMatchObject({ id: ID, lockVersion: 3 });
      expect(others).toEqual([]);
      expect(await theStore().lastChangeAt()).toBe(removed?.changedAt);
      expect(await theStore().changesSince((removed?.changedAt ?? 0) + 1, 10)).toEqual([]);
    });
  });
}
