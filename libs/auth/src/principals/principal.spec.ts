import { type Action, ACTIONS, isInGroup, may, type Principal, type Scope } from './principal.js';

const WORKFLOW = { id: 'wf1', labels: { area: 'billing', stage: 'live', team: 'Zo\u00eb' } };
const EVERYTHING: Scope = { kind: 'everything' };

function aPrincipal(differences: Partial<Principal> = {}): Principal {
  return { label: 'a', role: 'administrator', scope: EVERYTHING, ...differences };
}

describe(may.name, () => {
  it.each(ACTIONS)('lets an administrator of everything do %s', (action) => {
    expect(may(aPrincipal(), action)).toBe(true);
    expect(may(aPrincipal(), action, WORKFLOW)).toBe(true);
  });

  it.each(ACTIONS)('lets a sender do %s only if that is to start the workflow', (action) => {
    const sender = aPrincipal({ role: 'sender', scope: { kind: 'workflows', ids: ['wf1'] } });

    expect(may(sender, action, WORKFLOW)).toBe(action === 'workflow:start');
    expect(may(sender, action, { ...WORKFLOW, id: 'wf2' })).toBe(false);
  });

  it.each<[string, Scope, boolean]>([
    ['its id', { kind: 'workflows', ids: ['wf0', 'wf1'] }, true],
    ['another id', { kind: 'workflows', ids: ['wf'] }, false],
    ['no id', { kind: 'workflows', ids: [] }, false],
    ['a label of it', { kind: 'labels', labels: { area: 'billing' } }, true],
    ['two labels of it', { kind: 'labels', labels: { area: 'billing', stage: 'live' } }, true],
    [
      'a label it has and one it has not',
      { kind: 'labels', labels: { area: 'billing', a: 'b' } },
      false,
    ],
    ['a label that is written otherwise', { kind: 'labels', labels: { team: ' Zoe\u0308' } }, true],
    ['another value of a label', { kind: 'labels', labels: { area: 'sales' } }, false],
    ['a name that every object has', { kind: 'labels', labels: { toString: '' } }, false],
    ['no label', { kind: 'labels', labels: {} }, false],
  ])('with a scope of %s', (_scope, scope, expected) => {
    expect(may(aPrincipal({ scope }), 'workflow:read', WORKFLOW)).toBe(expected);
  });

  it.each<[Scope]>([
    [{ kind: 'workflows', ids: ['wf1'] }],
    [{ kind: 'labels', labels: { area: 'billing' } }],
  ])('denies actions on the whole installation to the scope %j', (scope) => {
    expect(may(aPrincipal({ scope }), 'workflow:write')).toBe(false);
  });

  it.each<[Principal['role'], readonly Action[]]>([
    ['viewer', ['workflow:read', 'activity:read']],
    ['approver', ['workflow:read', 'activity:read', 'task:vote']],
    [
      'operator',
      [
        ...(['workflow:read', 'activity:read', 'activity:cancel'] as const),
        ...(['activity:retry', 'task:vote', 'task:operate'] as const),
      ],
    ],
  ])('lets a %s do these and nothing else', (role, expected) => {
    expect(ACTIONS.filter((action) => may(aPrincipal({ role }), action))).toEqual(expected);
  });

  it('denies an action that no role grants', () => {
    expect(may(aPrincipal(), 'everything' as Action)).toBe(false);
  });
});

describe(isInGroup.name, () => {
  it.each<[Principal['groups'], boolean]>([
    [undefined, false],
    [[], false],
    [['sales'], false],
    [['sales', 'finance'], true],
    [[' finance'], true],
    ['every', true],
  ])('asks whoever is in %j: %s', (groups, expected) => {
    expect(isInGroup(groups === undefined ? {} : { groups }, 'finance')).toBe(expected);
  });
});
