import { parseJson } from '@app/json';
import {
  CursorInvalidError,
  SecretNotFoundError,
  TokenNotFoundError,
  WorkflowChangedError,
  WorkflowExistsError,
  WorkflowNotFoundError,
  WorkflowSecretsFullError,
  WorkflowTokensFullError,
} from '../errors.js';
import { type Workflow } from '../workflows/workflow.js';
import {
  type TriggerSwitch,
  WORKFLOW_SECRETS_MAX,
  WORKFLOW_TOKENS_MAX,
  type WorkflowStore,
} from '../workflows/workflow-store.js';
import { NOW, aRevision, aWorkflow, aWorkflowToken } from './builders.js';

/** What every `WorkflowStore` does; `theStore` gives an empty one. */
export function describeWorkflowStore(name: string, theStore: () => WorkflowStore): void {
  describe(name, () => {
    it('gives back what was created, whatever its labels and parameters are called', async () => {
      const workflow = aWorkflow({
        displayName: 'A workflow',
        description: 'for a test',
        triggers: { manual: { enabled: false }, event: { enabled: true } },
        labels: { 'a.b': '1', $set: '2', _bsontype: 'ObjectId' },
        tokens: [aWorkflowToken({ expiresAt: NOW + 1 }), aWorkflowToken({ id: 'token-2' })],
      });
      const value = { $ref: 'x', 'a.b': [1, null], _bsontype: 'Long' };
      const revision = aRevision({
        definition: {
          tasks: [{ name: 'set', type: 'set-property', params: [{ name: 'value', value }] }],
          timeoutMs: 1_000,
        },
      });

      await theStore().create(workflow, revision);

      expect(await theStore().get(workflow.id)).toEqual(workflow);
      expect(await theStore().getByToken(aWorkflowToken().hash)).toEqual(workflow);
      expect(await theStore().getByToken('nobody')).toBeUndefined();
      expect(await theStore().getRevision(workflow.id, 1)).toEqual(revision);
    });

    it('has nothing under an unknown id or revision', async () => {
      await theStore().create(aWorkflow(), aRevision());

      expect(await theStore().get('nobody')).toBeUndefined();
      expect(await theStore().getRevision('workflow-1', 2)).toBeUndefined();
    });

    it('lets one of ten who create the same at once succeed', async () => {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 10 }, () => theStore().create(aWorkflow(), aRevision())),
      );

      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected')
          expect(outcome.reason).toBeInstanceOf(WorkflowExistsError);
      }
    });

    it('says which of id and name is taken, and leaves nothing behind', async () => {
      await theStore().create(aWorkflow(), aRevision());

      await expect(
        theStore().create(aWorkflow({ name: 'other' }), aRevision()),
      ).rejects.toMatchObject({ code: 'WORKFLOW_EXISTS', field: 'id' });
      await expect(
        theStore().create(aWorkflow({ id: 'other' }), aRevision({ workflowId: 'other' })),
      ).rejects.toMatchObject({ code: 'WORKFLOW_EXISTS', field: 'name' });
      expect(await theStore().getRevision('other', 1)).toBeUndefined();
      expect(await theStore().get('other')).toBeUndefined();
    });

    it('lists by name in pages', async () => {
      for (const name of ['c', 'a', 'e', 'b', 'd']) {
        await theStore().create(aWorkflow({ id: name, name }), aRevision({ workflowId: name }));
      }

      const first = await theStore().list({ limit: 2 });
      const second = await theStore().list({ limit: 3, cursor: first.nextCursor ?? '' });

      expect(first.workflows.map(({ name }) => name)).toEqual(['a', 'b']);
      expect(second.workflows.map(({ name }) => name)).toEqual(['c', 'd', 'e']);
      expect(second).not.toHaveProperty('nextCursor');
    });

    it('refuses a cursor that is none', async () => {
      await expect(theStore().list({ limit: 1, cursor: 'bm8' })).rejects.toThrow(
        CursorInvalidError,
      );
    });

    it('adds tokens, also several at once', async () => {
      await theStore().create(aWorkflow(), aRevision());
      const ids = ['t1', 't2', 't3'];

      await Promise.all(
        ids.map((id) => theStore().addToken('workflow-1', aWorkflowToken({ id, expiresAt: NOW }))),
      );

      const tokens = (await theStore().get('workflow-1'))?.tokens ?? [];
      expect(tokens.map(({ id }) => id).sort()).toEqual(ids);
      expect(tokens[0]).toEqual(aWorkflowToken({ id: tokens[0]?.id ?? '', expiresAt: NOW }));
    });

    it('adds no token to an unknown workflow, nor more than there may be', async () => {
      const tokens = Array.from({ length: WORKFLOW_TOKENS_MAX }, (_, index) =>
        aWorkflowToken({ id: `${index}` }),
      );
      await theStore().create(aWorkflow({ tokens }), aRevision());

      await expect(theStore().addToken('nobody', aWorkflowToken())).rejects.toThrow(
        WorkflowNotFoundError,
      );
      await expect(theStore().addToken('workflow-1', aWorkflowToken())).rejects.toThrow(
        WorkflowTokensFullError,
      );
    });

    it('keeps what senders sign with, also through a replacement, until it is removed', async () => {
      const secret = {
        id: 's1',
        label: 'a secret',
        provider: 'hmac',
        encrypted: 'encrypted',
        options: { header: 'x-signature' },
        createdAt: NOW,
        expiresAt: NOW + 1,
      };
      await theStore().create(aWorkflow(), aRevision());
      await theStore().addSecret('workflow-1', secret);
      const { definition, contentHash, requires } = aRevision();
      const content = {
        name: 'renamed',
        triggers: {},
        labels: {},
        definition,
        contentHash,
        requires,
      };

      await theStore().replace('workflow-1', content, NOW, undefined);

      expect((await theStore().get('workflow-1'))?.secrets).toEqual([secret]);
      await theStore().removeSecret('workflow-1', 's1');
      expect(await theStore().get('workflow-1')).not.toHaveProperty('secrets');
      await expect(theStore().removeSecret('workflow-1', 's1')).rejects.toThrow(
        SecretNotFoundError,
      );
    });

    it('adds no secret to an unknown workflow, nor more than there may be', async () => {
      const secret = { label: 'a', provider: 'github', encrypted: 'encrypted', createdAt: NOW };
      const secrets = Array.from({ length: WORKFLOW_SECRETS_MAX }, (_, at) => ({
        ...secret,
        id: `${at}`,
      }));
      await theStore().create(aWorkflow({ secrets }), aRevision());

      await expect(theStore().addSecret('nobody', { ...secret, id: 'x' })).rejects.toThrow(
        WorkflowNotFoundError,
      );
      await expect(theStore().addSecret('workflow-1', { ...secret, id: 'x' })).rejects.toThrow(
        WorkflowSecretsFullError,
      );
    });

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

      it('of everything makes a revision, and leaves the tokens and the status', async () => {
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

      it('of all but the tasks makes none', async () => {
        const { contentHash, definition } = aRevision();
        const same = { ...content, contentHash, definition };

        const { workflow, revision } = await theStore().replace(ID, same, NOW + 1, undefined);

        expect(revision).toEqual(aRevision());
        expect(workflow).toMatchObject({ name: 'renamed', latestRevision: 1, lockVersion: 2 });
      });

      it('is made by one of ten who mean the same version', async () => {
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

      it('takes no name of another', async () => {
        const other = aWorkflow({ id: 'other', name: 'renamed' });
        await theStore().create(other, aRevision({ workflowId: 'other' }));

        await expect(theStore().replace(ID, content, NOW, undefined)).rejects.toMatchObject({
          code: 'WORKFLOW_EXISTS',
          field: 'name',
        });
        expect(await theStore().get(ID)).toMatchObject({ name: 'a-workflow', lockVersion: 1 });
      });

      it('of the switches leaves the triggers that it does not name', async () => {
        const switches = { status: 'inactive', triggers: { webhook: { enabled: true } } } as const;

        const workflow = await theStore().switch(ID, switches, 1);

        expect(workflow).toMatchObject({
          status: 'inactive',
          triggers: { event: { enabled: true }, webhook: { enabled: true } },
          lockVersion: 2,
        });
        expect(await theStore().get(ID)).toEqual(workflow);
      });

      it('of a switch leaves the filter that it does not name, and takes it away with null', async () => {
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

      it('takes a token away, and no other', async () => {
        await theStore().addToken(ID, aWorkflowToken({ id: 'second', hash: 'second' }));

        await theStore().removeToken(ID, 'second');

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

      it('is told to whoever asks what changed since', async () => {
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

    it('knows of no change where there is no workflow', async () => {
      expect(await theStore().lastChangeAt()).toBeUndefined();
      expect(await theStore().changesSince(0, 10)).toEqual([]);
    });
  });
}
