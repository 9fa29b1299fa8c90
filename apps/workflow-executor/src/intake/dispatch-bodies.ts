import {
  type BatchedDispatch,
  decodeDispatch,
  decodeDispatchBatch,
  type ReceivedDispatch,
  type ReceivedMessage,
} from '@app/events';
import { ByteBudget, declaredBytes, TooManyBytesInFlightError } from '@app/http';
import { type JsonLimits } from '@app/json';
import { type FlowMetrics } from '@app/observability';
import { type SigningKeys } from '@app/signing';
import { type FastifyInstance } from 'fastify';

/** The bytes that the envelope and the attributes of an event may add to its data. */
const ENVELOPE_BYTES_MAX = 128 * 1024;

/** A control character in a text is one byte at the ingress, and "\u0001" in a dispatch. */
const ESCAPED_BYTES_MAX = 6;

/** How long a dispatch waits unread for room among those in flight, in milliseconds. */
const WAIT_MS_MAX = 5_000;

const ROUTE = '/internal/workflow/event';

export interface DispatchBodyLimits {
  /** The largest body that the ingress takes; its dispatch may be larger: escaped, or in base64. */
  readonly eventBytesMax: number;
  /** The bytes of all dispatches together that are not answered. */
  readonly inFlightBytesMax: number;
}

/**
 * Dispatches are signed to the byte, so their bodies come to the handler as they were sent. One for which
 * there is no room is 503 before it is read: its event is on record, and the listener tells of it again.
 * Call it after `authorizeBeforeBody`: nobody else's request takes room.
 */
export function acceptDispatchBodies(
  server: FastifyInstance,
  limits: DispatchBodyLimits,
  metrics: FlowMetrics,
): void {
  const { eventBytesMax, inFlightBytesMax } = limits;
  const bodyLimit = ESCAPED_BYTES_MAX * eventBytesMax + ENVELOPE_BYTES_MAX;
  const budget = new ByteBudget(inFlightBytesMax, WAIT_MS_MAX);
  metrics.reportInFlight('dispatch_body_bytes', () => budget.heldBytes);
  server.addHook('preParsing', async (request, reply, payload) => {
    if (request.routeOptions.url !== ROUTE) return payload;
    // A body without a length is counted as the largest that is allowed.
    const said = request.headers['content-length'] !== undefined;
    const bytes = said ? Math.min(declaredBytes(request.raw), bodyLimit) : bodyLimit;
    if (!(await budget.take(bytes))) throw new TooManyBytesInFlightError();
    if (reply.raw.closed || reply.raw.destroyed) budget.give(bytes);
    else
      reply.raw.once('close', () => {
        budget.give(bytes);
      });
    return payload;
  });
  server.addContentTypeParser(
    'application/cloudevents+json',
    { parseAs: 'buffer', bodyLimit },
    (_request, body, done) => {
      done(null, body);
    },
  );
}

/**
 * Decodes dispatches of every transport, with the keys that they are signed with, and within the bounds of dispatches
 * without a signature.
 */
export class DispatchReader {
  constructor(
    private readonly keys: SigningKeys,
    private readonly limits: JsonLimits,
  ) {}

  /** @throws what `decodeDispatch` throws */
  readonly read = (message: ReceivedMessage): ReceivedDispatch =>
    decodeDispatch(message, this.keys, this.limits);

  /** @throws what `decodeDispatchBatch` throws */
  readonly readBatch = (message: ReceivedMessage): readonly BatchedDispatch[] =>
    decodeDispatchBatch(message, this.keys);
}
