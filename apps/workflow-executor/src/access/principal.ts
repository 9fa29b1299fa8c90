import { type Principal } from '@app/auth';
import { type FastifyRequest } from 'fastify';

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
