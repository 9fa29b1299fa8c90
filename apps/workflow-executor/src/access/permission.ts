import { type Action, type Principal } from '@app/auth';
import { RouteConfig } from '@nestjs/platform-fastify';
import { type FastifyRequest } from 'fastify';
import { FlowError } from '@app/errors';

/** The resource that an action of the API is about. */
export type ActionTarget =
  /** A resource of no workflow, or of all: lists, new workflows. */
  | 'installation'
  /** The workflow whose id is the route's parameter `id`. */
  | 'workflow'
  /** The workflow of the activity whose id is the route's parameter `id`. */
  | 'activity';

/** Who may call a route. */
export type Permission =
  | { readonly kind: 'action'; readonly action: Action; readonly target: ActionTarget }
  /** The services of this installation, which sign their requests. */
  | { readonly kind: 'own-services' }
  /** Everybody. `bodyBytesMax` bounds the bytes that are read of a body. */
  | { readonly kind: 'anybody'; readonly bodyBytesMax: number };

declare module 'fastify' {
  interface FastifyContextConfig {
    permission?: Permission;
  }
}

/**
 * Requires a principal that may do this. The executor does not start if a handler has none of `@Permit`,
 * `@PermitOwnServices` and `@PermitAnybody` (`PermissionUndeclaredError`).
 */
export function Permit(action: Action, target: ActionTarget): MethodDecorator {
  return permission({ kind: 'action', action, target });
}

/** Requires the signature of a service of this installation. */
export function PermitOwnServices(): MethodDecorator {
  return permission({ kind: 'own-services' });
}

/**
 * Lets every caller in, without credentials.
 * @param bodyBytesMax the largest body that is read of an unauthenticated caller
 */
export function PermitAnybody(bodyBytesMax: number): MethodDecorator {
  return permission({ kind: 'anybody', bodyBytesMax });
}

function permission(permission: Permission): MethodDecorator {
  return RouteConfig({ permission });
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The caller, once it is known. */
    principal: Principal | undefined;
  }
}

/** The principal of a request; undefined for a denied caller and for services of this installation. */
export function principalOf(request: FastifyRequest): Principal | undefined {
  return request.principal;
}

/** A defect of the code: a route declares no permission, so it would be open to everybody. */
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
