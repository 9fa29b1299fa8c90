import { comparableName } from '@app/errors';
import { type Workflow } from '@app/persistence';

/** Every action that the API can be asked for, apart from requests between our own services. */
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
  /** Operates runs. */
  operator: [...VOTING, 'activity:cancel', 'activity:retry', 'task:operate'],
  /** Answers approvals. */
  approver: VOTING,
  viewer: READING,
  /** A sender: whoever has a token of a workflow, or signs with one of its secrets. */
  sender: ['workflow:start'],
} as const satisfies Record<string, readonly Action[]>;

export type Role = keyof typeof ACTIONS_OF;

/**
 * The workflows that a role applies to: all of them and what belongs to none (lists, new workflows); some by their
 * ids; or those that have all of these labels (docs/adr/0017).
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
  /** The groups that it is a member of; `every` for the installation's own token. Absent for none. */
  readonly groups?: readonly string[] | 'every';
}

/** What a scope is compared with. */
export type ScopedWorkflow = Pick<Workflow, 'id' | 'labels'>;

/**
 * Whether the principal may do this to the workflow or, without a workflow, to the whole installation. What no role
 * and scope grant is denied.
 */
export function may(
  principal: Pick<Principal, 'role' | 'scope'>,
  action: Action,
  workflow?: ScopedWorkflow,
): boolean {
  return grants(principal, action) && isWithin(principal.scope, workflow);
}

/** Whether the role has this action at all; to which workflows it extends is the scope's. */
export function grants({ role }: Pick<Principal, 'role'>, action: Action): boolean {
  const granted: readonly Action[] = ACTIONS_OF[role];
  return granted.includes(action);
}

/** Whether an approval that asks a group asks this principal. */
export function isInGroup({ groups = [] }: Pick<Principal, 'groups'>, group: string): boolean {
  if (groups === 'every') return true;
  const asked = comparableName(group);
  return groups.some((one) => comparableName(one) === asked);
}

/** Whether the role exists in this release: a stored token may be of another one. */
export function isRole(name: string): name is Role {
  return Object.hasOwn(ACTIONS_OF, name);
}

function isWithin(scope: Scope, workflow: ScopedWorkflow | undefined): boolean {
  if (scope.kind === 'everything') return true;
  if (!workflow) return false;
  if (scope.kind === 'workflows') return scope.ids.includes(workflow.id);
  const wanted = Object.entries(scope.labels);
  // An empty list of labels would match every workflow; that scope is written as `all`.
  return wanted.length > 0 && wanted.every(([name, value]) => hasLabel(workflow, name, value));
}

function hasLabel({ labels }: ScopedWorkflow, name: string, value: string): boolean {
  const own = Object.hasOwn(labels, name) ? labels[name] : undefined;
  return own !== undefined && comparableName(own) === comparableName(value);
}
