import { type FastifyInstance } from 'fastify';

/** What the envelope and the attributes of an event may add to its data. */
const ENVELOPE_BYTES_MAX = 128 * 1024;

/** A control character in a text is one byte at the ingress, and "\u0001" in a dispatch. */
const ESCAPED_BYTES_MAX = 6;

/**
 * Dispatches are signed to the byte, so their bodies come to the handler as they were sent.
 * @param eventBytesMax what the ingress takes; a dispatch of it may be larger: escaped, or in base64
 */
export function acceptDispatchBodies(server: FastifyInstance, eventBytesMax: number): void {
  server.addContentTypeParser(
    'application/cloudevents+json',
    { parseAs: 'buffer', bodyLimit: ESCAPED_BYTES_MAX * eventBytesMax + ENVELOPE_BYTES_MAX },
    (_request, body, done) => {
      done(null, body);
    },
  );
}
