import { PermissionDeniedError, type Principal } from '@app/auth';
import { type Workflow } from '@app/persistence';
import { ActionGuard } from './action-guard.js';

const WORKFLOW = { id: 'wf1', labels: { area: 'billing' } } as unknown as Workflow;

const guard = new ActionGuard(
  { recent: async (id) => (id === 'wf1' ? WORKFLOW : undefined) },
  { workflowOf: async (id) => (id === 'a1' ? 'wf1' : undefined) },
);
const nowhere = new ActionGuard(
  { recent: () => Promise.reject(new Error('not asked')) },
  { workflowOf: () => Promise.reject(new Error('not asked')) },
);

function administratorOf(scope: Principal['scope']): Principal {
  return { label: 'a', role: 'administrator', scope };
}

const OF_BILLING = administratorOf({ kind: 'labels', labels: { area: 'billing' } });

describe(ActionGuard.name, () => {
  it('does not read the store for a role without a scope', async () => {
    const everywhere = administratorOf({ kind: 'everything' });

    await expect(
      nowhere.require(everywhere, 'activity:read', 'activity', 'a1'),
    ).resolves.toBeUndefined();
  });

  it.each([
    ['workflow', 'wf1'],
    ['activity', 'a1'],
  ] as const)('finds the scope by the %s', async (target, id) => {
    await expect(guard.require(OF_BILLING, 'workflow:read', target, id)).resolves.toBeUndefined();
  });

  it.each([
    ['of another workflow', 'workflow', 'wf2'],
    ['of an activity that is not there', 'activity', 'a2'],
    ['of the installation', 'installation', undefined],
    ['of a route that names none', 'workflow', undefined],
  ] as const)('denies an action on something that is %s', async (_what, target, id) => {
    await expect(guard.require(OF_BILLING, 'workflow:read', target, id)).rejects.toThrow(
      PermissionDeniedError,
    );
  });

  it('denies an action that the role does not grant, without reading the store', async () => {
    const sender: Principal = {
      label: 's',
      role: 'sender',
      scope: { kind: 'workflows', ids: ['wf1'] },
    };

    await expect(nowhere.require(sender, 'workflow:read', 'workflow', 'wf1')).rejects.toThrow(
      PermissionDeniedError,
    );
  });
});
