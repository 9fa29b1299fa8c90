import { type EventLimits } from '@app/events';
import { type BodyBounds } from '../incoming-body.js';
import { ByteBudget } from '@app/http';
import { type ListenerConfig } from '../../listener.config.js';

export interface IngressLimits {
  readonly bodies: BodyBounds;
  readonly events: EventLimits;
  /** Of the query and the headers that are parameters of a webhook's run. */
  readonly requestBytesMax: number;
}

/**
 * Of the memory, for bodies: on its way through the listener a body of JSON is bytes, text, values and
 * the two messages to MongoDB and NATS, which is some six times its length; the rest is for everything else.
 */
const SHARE_OF_MEMORY = 1 / 8;

/** @param memoryBytes what the process may have; it says how much is held where no setting does */
export function bodyBoundsOf(config: ListenerConfig, memoryBytes: number): BodyBounds {
  const { BODIES_IN_FLIGHT_BYTES_MAX: configured } = config;
  const knownBytes = configured === 0 ? Math.floor(memoryBytes * SHARE_OF_MEMORY) : configured;
  return {
    bytesMax: config.BODY_BYTES_MAX,
    known: new ByteBudget(knownBytes, config.BODY_WAIT_MS_MAX),
    unknown: new ByteBudget(config.UNKNOWN_BODIES_BYTES_MAX, 0),
  };
}
