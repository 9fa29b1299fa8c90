import { type Action } from '@app/auth';
import { RouteConfig } from '@nestjs/platform-fastify';

/** What an action of the API is done to. */
export type ActionTarget =
  /** What belongs to no workflow, or to all: lists, new workflows. */
  | 'installation'
  /** The workflow whose id is the route's parameter `id`. */
  | 'workflow'
  /** The workflow of the activity whose id is the route's parameter `id`. */
  | 'activity';

/** Who may ask a route. */
export type Permission =
  | { readonly kind: 'action'; readonly action: Action; readonly target: ActionTarget }
  /** Our own services, which sign what they ask. */
  | { readonly kind: 'own-services' }
  /** Everybody, and so no more than these bytes of a body are read. */
  | { readonly kind: 'anybody'; readonly bodyBytesMax: number };

declare module 'fastify' {
  interface FastifyContextConfig {
    permission?: Permission;
  }
}

/**
 * Asks for a principal that may do this. A handler that declares none of the three is refused when
 * the executor starts (`PermissionUndeclaredError`).
 */
export function Permit(action: Action, target: ActionTarget): MethodDecorator {
  return permission({ kind: 'action', action, target });
}

/** Asks for the signature of one of our own services. */
export function PermitOwnServices(): MethodDecorator {
  return permission({ kind: 'own-services' });
}

/** Asks nothing. @param bodyBytesMax what a stranger may make us read */
export function PermitAnybody(bodyBytesMax: number): MethodDecorator {
  return permission({ kind: 'anybody', bodyBytesMax });
}

function permission(permission: Permission): MethodDecorator {
  return RouteConfig({ permission });
}
