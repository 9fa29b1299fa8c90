import { type EventLimits } from '@app/events';
import { type BodyBounds } from '../incoming-body.js';
import { ByteBudget } from '@app/http';
import { type ListenerConfig } from '../../listener.config.js';

export interface IngressLimits {
  readonly bodies: BodyBounds;
  readonly events: EventLimits;
  /** The most bytes of the query and headers that become parameters of a webhook's run. */
  readonly requestBytesMax: number;
}

/**
 * The share of the memory that bodies may take. In the listener a JSON body exists as bytes, as text, as values and as
 * the messages to MongoDB and NATS, which together take about six times its length.
 */
const SHARE_OF_MEMORY = 1 / 8;

/** @param memoryBytes the memory of the process, from which the limit is derived if no setting gives it */
export function bodyBoundsOf(config: ListenerConfig, memoryBytes: number): BodyBounds {
  const { BODIES_IN_FLIGHT_BYTES_MAX: configured } = config;
  const knownBytes = configured === 0 ? Math.floor(memoryBytes * SHARE_OF_MEMORY) : configured;
  return {
    bytesMax: config.BODY_BYTES_MAX,
    known: new ByteBudget(knownBytes, config.BODY_WAIT_MS_MAX),
    unknown: new ByteBudget(config.UNKNOWN_BODIES_BYTES_MAX, 0),
  };
}
