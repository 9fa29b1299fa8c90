import { type Action, type Principal } from '@app/auth';
import { RouteConfig } from '@nestjs/platform-fastify';
import { type FastifyRequest } from 'fastify';
import { FlowError } from '@app/errors';

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

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks, once that is known. */
    principal: Principal | undefined;
  }
}

/** Undefined for whoever was not let in, and for our own services. */
export function principalOf(request: FastifyRequest): Principal | undefined {
  return request.principal;
}

/** A mistake of ours: a route that says not who may ask it would be open to everybody. */
export class PermissionUndeclaredError extends FlowError {
  readonly code = 'PERMISSION_UNDECLARED';
  readonly kind = 'defect';

  constructor(method: string, path: string) {
    super(
      `Nobody may ask ${method} ${path}: its handler declares no permission; ` +
        'give it @Permit, @PermitOwnServices or @PermitAnybody',
    );
  }
}
