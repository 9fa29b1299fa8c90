import { type Workflow } from '@app/persistence';

/** All that can be asked of the system, apart from what our own services ask each other. */
export const ACTIONS = [
  'workflow:read',
  'workflow:write',
  'workflow:start',
  'quota:write',
  'token:write',
  'principal:read',
  'principal:write',
  'parameter:read',
  'parameter:write',
  'secret:read',
  'secret:write',
  'activity:read',
  'activity:cancel',
  'activity:retry',
  'task:vote',
  'task:operate',
] as const;

export type Action = (typeof ACTIONS)[number];

const READING = ['workflow:read', 'activity:read'] as const;
const VOTING = [...READING, 'task:vote'] as const;

/** What each role may do. A role that is not named here does not exist. */
const ACTIONS_OF = {
  administrator: ACTIONS,
  /** Looks after what runs. */
  operator: [...VOTING, 'activity:cancel', 'activity:retry', 'task:operate'],
  /** Decides what tasks ask people. */
  approver: VOTING,
  viewer: READING,
  /** Whoever has a token of a workflow, or signs what it sends with a secret of one. */
  sender: ['workflow:start'],
} as const satisfies Record<string, readonly Action[]>;

export type Role = keyof typeof ACTIONS_OF;

/**
 * To which workflows a role extends: to all and what is above them (lists, new workflows), to some by
 * their ids, or to those that have every one of these labels (docs/adr/0017).
 */
export type Scope =
  | { readonly kind: 'everything' }
  | { readonly kind: 'workflows'; readonly ids: readonly string[] }
  | { readonly kind: 'labels'; readonly labels: Readonly<Record<string, string>> };

/** Who a request comes from: what it may do, and to what. */
export interface Principal {
  /** For logs; no secret. */
  readonly label: string;
  readonly role: Role;
  readonly scope: Scope;
  /** Groups of people that it is in; `every` for the installation's own token. Absent for none. */
  readonly groups?: readonly string[] | 'every';
}

/** What a scope is compared with. */
export type ScopedWorkflow = Pick<Workflow, 'id' | 'labels'>;

/**
 * Whether the principal may do this: to the workflow, or without one to everything there is.
 * Whatever no role and no scope grants is denied.
 */
export function may(
  { role, scope }: Pick<Principal, 'role' | 'scope'>,
  action: Action,
  workflow?: ScopedWorkflow,
): boolean {
  const granted: readonly Action[] = ACTIONS_OF[role];
  return granted.includes(action) && isWithin(scope, workflow);
}

/** Whether approvals that ask a group ask this principal. */
export function isInGroup({ groups = [] }: Pick<Principal, 'groups'>, group: string): boolean {
  return groups === 'every' || groups.includes(group);
}

/** Whether there is such a role: what is stored may be of another release. */
export function isRole(name: string): name is Role {
  return Object.hasOwn(ACTIONS_OF, name);
}

function isWithin(scope: Scope, workflow: ScopedWorkflow | undefined): boolean {
  if (scope.kind === 'everything') return true;
  if (!workflow) return false;
  if (scope.kind === 'workflows') return scope.ids.includes(workflow.id);
  const wanted = Object.entries(scope.labels);
  // No label at all would be everything, which has a word of its own.
  return wanted.length > 0 && wanted.every(([name, value]) => hasLabel(workflow, name, value));
}

function hasLabel({ labels }: ScopedWorkflow, name: string, value: string): boolean {
  return Object.hasOwn(labels, name) && labels[name] === value;
}
