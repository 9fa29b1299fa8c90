import { type ConsumerConfig, type StreamConfig } from '@nats-io/jetstream';
import { HandlerMismatchError } from '../errors.js';

/**
 * What has to be in JetStream, as data. Only the fields given here are compared with the server's;
 * all others are the server's own business.
 */
export interface StreamDeclaration {
  readonly config: Partial<StreamConfig> & { readonly name: string };
  readonly consumers: readonly ConsumerDeclaration[];
}

export interface ConsumerDeclaration {
  readonly config: Partial<ConsumerConfig> & { readonly durable_name: string };
}

export type Topology = readonly StreamDeclaration[];

/** @throws HandlerMismatchError when it is not declared */
export function consumerOf(
  topology: Topology,
  stream: string,
  durable: string,
): ConsumerDeclaration {
  const consumer = topology
    .find(({ config }) => config.name === stream)
    ?.consumers.find(({ config }) => config.durable_name === durable);
  if (consumer !== undefined) return consumer;
  throw new HandlerMismatchError(`The topology has no consumer "${durable}" of stream "${stream}"`);
}
