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

/** The most bytes of a dispatch for one byte of the event: a control character becomes "\u0001". */
const ESCAPED_BYTES_MAX = 6;

/** How long a dispatch waits for room before its body is read, in milliseconds. */
const WAIT_MS_MAX = 5_000;

const ROUTE = '/internal/workflow/event';

export interface DispatchBodyLimits {
  /** The largest event that the ingress takes, in bytes; its dispatch is larger if it is escaped or in base64. */
  readonly eventBytesMax: number;
  /** The bytes of all dispatches together that are not answered. */
  readonly inFlightBytesMax: number;
}

/**
 * Passes the bodies of dispatches to the handler as bytes, because the signature covers the bytes. Without room a
 * dispatch is answered with 503 before it is read: its event is on record, and a sweeper finds it. Call it after
 * `authorizeBeforeBody`, so that only authorized requests take room.
 */
export function acceptDispatchBodies(
  server: FastifyInstance,
  limits: DispatchBodyLimits,
  metrics: FlowMetrics,
): void {
  const { eventBytesMax, inFlightBytesMax } = limits;
  const bodyLimit = ESCAPED_BYTES_MAX * eventBytesMax + ENVELOPE_BYTES_MAX;
  const budget = new ByteBudget(inFlightBytesMax, WAIT_MS_MAX);
  metrics.gauges.inFlight('dispatch_body_bytes', () => budget.heldBytes);
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

/** Decodes dispatches of NATS and HTTP, and checks their signatures. Unsigned ones have bounds of their JSON. */
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
