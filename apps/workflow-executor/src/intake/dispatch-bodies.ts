import { type FastifyInstance } from 'fastify';

/** Dispatches are sealed to the byte, so their bodies come to the handler as they were sent. */
export function acceptDispatchBodies(server: FastifyInstance): void {
  server.addContentTypeParser(
    'application/cloudevents+json',
    { parseAs: 'buffer' },
    (_request, body, done) => {
      done(null, body);
    },
  );
}
