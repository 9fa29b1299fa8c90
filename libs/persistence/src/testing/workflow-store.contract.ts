import {
  CursorInvalidError,
  SecretNotFoundError,
  WorkflowExistsError,
  WorkflowNotFoundError,
  WorkflowSecretsFullError,
  WorkflowTokensFullError,
} from '../errors.js';
import {
  WORKFLOW_SECRETS_MAX,
  WORKFLOW_TOKENS_MAX,
  type WorkflowStore,
} from '../workflows/workflow-store.js';
import { type WorkflowSecret } from '../workflows/workflow.js';
import { describeSubscriptions } from './workflow-store-subscriptions.contract.js';
import { NOW, aRevision, aWorkflow, aWorkflowToken } from './builders.js';
import { describeWorkflowChanges } from './workflow-store-change.contract.js';

/** By every clock. */
const LONG_AGO = Date.UTC(2001, 0, 1);

function aSecret(secret: Partial<WorkflowSecret>): WorkflowSecret {
  return {
    id: 's1',
    label: 'a secret',
    provider: 'hmac',
    encrypted: 'encrypted',
    createdAt: NOW,
    ...secret,
  };
}

/** What every `WorkflowStore` does; `theStore` gives an empty one. */
export function describeWorkflowStore(name: string, theStore: () => WorkflowStore): void {
  describe(name, () => {
    describeSubscriptions(theStore);

    it('returns what was created, whatever the names of labels and parameters', async () => {
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

    it('returns the known object until the workflow changes or is deleted', async () => {
      const store = theStore();
      await store.create(aWorkflow(), aRevision());
      const first = await store.getAgain('workflow-1', undefined);
      expect(first).toEqual(await store.get('workflow-1'));

      expect(await store.getAgain('workflow-1', first)).toBe(first);
      await store.switch('workflow-1', { status: 'inactive' }, undefined);
      const second = await store.getAgain('workflow-1', first);
      expect(second).toMatchObject({ status: 'inactive' });
      await store.remove('workflow-1', undefined);
      expect(await store.getAgain('workflow-1', second)).toBeUndefined();
      expect(await store.getAgain('nobody', undefined)).toBeUndefined();
    });

    it('finds a workflow by its name, until it has another one', async () => {
      const store = theStore();
      await store.create(aWorkflow(), aRevision());
      expect(await store.getByName('a-workflow')).toEqual(await store.get('workflow-1'));
      expect(await store.getByName('workflow-1')).toBeUndefined();

      await store.remove('workflow-1', undefined);

      expect(await store.getByName('a-workflow')).toBeUndefined();
    });

    it('returns which of many ids are workflows', async () => {
      const store = theStore();
      for (const id of ['a', 'b', 'c'])
        await store.create(aWorkflow({ id, name: id }), aRevision({ workflowId: id }));
      await store.remove('c', undefined);

      expect(await store.existing(['a', 'c', 'nobody', 'b'])).toEqual(new Set(['a', 'b']));
      expect(await store.existing([])).toEqual(new Set());
    });

    it('returns undefined for an unknown id or revision', async () => {
      await theStore().create(aWorkflow(), aRevision());

      expect(await theStore().get('nobody')).toBeUndefined();
      expect(await theStore().getRevision('workflow-1', 2)).toBeUndefined();
    });

    it('lets one of ten concurrent creations succeed', async () => {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 10 }, () => theStore().create(aWorkflow(), aRevision())),
      );

      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected')
          expect(outcome.reason).toBeInstanceOf(WorkflowExistsError);
      }
    });

    it('reports whether id or name is taken, and writes nothing', async () => {
      await theStore().create(aWorkflow(), aRevision());

      await expect(
        theStore().create(aWorkflow({ name: 'other' }), aRevision()),
      ).rejects.toMatchObject({ code: 'WORKFLOW_EXISTS', field: 'id', value: 'workflow-1' });
      await expect(
        theStore().create(aWorkflow({ id: 'other' }), aRevision({ workflowId: 'other' })),
      ).rejects.toMatchObject({ code: 'WORKFLOW_EXISTS', field: 'name', value: 'a-workflow' });
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

    it('rejects an invalid cursor', async () => {
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

    it('keeps the secrets of senders, also through a replacement, until they are removed', async () => {
      const options = { header: 'x-signature' };
      const secret = aSecret({ options, expiresAt: NOW + 1 });
      await theStore().create(aWorkflow(), aRevision());
      const added = await theStore().addSecret('workflow-1', secret);
      expect(added).toBe((await theStore().get('workflow-1'))?.lockVersion);
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
      const removed = await theStore().removeSecret('workflow-1', 's1');
      expect(removed).toBe((await theStore().get('workflow-1'))?.lockVersion);
      expect(await theStore().get('workflow-1')).not.toHaveProperty('secrets');
      await expect(theStore().removeSecret('workflow-1', 's1')).rejects.toThrow(
        SecretNotFoundError,
      );
    });

    it('adds no secret to an unknown workflow, nor more than there may be', async () => {
      const secrets = Array.from({ length: WORKFLOW_SECRETS_MAX }, (_, at) =>
        aSecret({ id: `${at}` }),
      );
      await theStore().create(aWorkflow({ secrets }), aRevision());

      await expect(theStore().addSecret('nobody', aSecret({ id: 'x' }))).rejects.toThrow(
        WorkflowNotFoundError,
      );
      await expect(theStore().addSecret('workflow-1', aSecret({ id: 'x' }))).rejects.toThrow(
        WorkflowSecretsFullError,
      );
    });

    it('removes tokens and secrets that have expired when one is added, and no others', async () => {
      const forever = { id: 'forever', label: '$name' };
      const expired = { id: 'expired', expiresAt: LONG_AGO };
      const valid = [{}, forever, { id: 'expiring', expiresAt: NOW }];
      const tokens = [
        ...valid.map(aWorkflowToken),
        aWorkflowToken({ ...expired, hash: 'expired' }),
      ];
      const secrets = [aSecret(expired), ...valid.map(aSecret)];
      await theStore().create(aWorkflow({ tokens, secrets }), aRevision());

      await theStore().addToken('workflow-1', aWorkflowToken({ id: 'new', label: '$new' }));
      const version = await theStore().addSecret('workflow-1', aSecret({ id: 'new' }));

      const workflow = await theStore().get('workflow-1');
      const added = aWorkflowToken({ id: 'new', label: '$new' });
      expect(workflow?.tokens).toEqual([...valid.map(aWorkflowToken), added]);
      expect(workflow?.secrets).toEqual([...valid.map(aSecret), aSecret({ id: 'new' })]);
      expect([version, workflow?.lockVersion]).toEqual([3, 3]);
      expect(await theStore().getByToken('expired')).toBeUndefined();
    });

    it('has room for as many as have expired, also for several at once', async () => {
      const listOf = (max: number) =>
        Array.from({ length: max }, (_, at) => ({
          id: `${at}`,
          ...(at < 2 && { expiresAt: LONG_AGO }),
        }));
      const tokens = listOf(WORKFLOW_TOKENS_MAX).map(aWorkflowToken);
      const secrets = listOf(WORKFLOW_SECRETS_MAX).map(aSecret);
      await theStore().create(aWorkflow({ tokens, secrets }), aRevision());

      const adding = ['a', 'b', 'c', 'd'].flatMap((id) => [
        theStore().addToken('workflow-1', aWorkflowToken({ id })),
        theStore().addSecret('workflow-1', aSecret({ id })),
      ]);
      const reasons = (await Promise.allSettled(adding)).flatMap((added) =>
        added.status === 'rejected' ? [(added.reason as Error).name] : [],
      );

      const [full, fullToo] = [WorkflowSecretsFullError.name, WorkflowTokensFullError.name];
      expect(reasons.sort()).toEqual([full, full, fullToo, fullToo]);
      const workflow = await theStore().get('workflow-1');
      expect(workflow?.tokens).toHaveLength(WORKFLOW_TOKENS_MAX);
      expect(workflow?.secrets).toHaveLength(WORKFLOW_SECRETS_MAX);
    });

    describeWorkflowChanges(theStore);

    it('reports no change without workflows', async () => {
      expect(await theStore().lastChangeAt()).toBeUndefined();
      expect(await theStore().changesSince(0, 10)).toEqual([]);
    });
  });
}
