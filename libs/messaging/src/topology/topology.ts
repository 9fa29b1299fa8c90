import { type ConsumerConfig, type StreamConfig } from '@nats-io/jetstream';
import { HandlerMismatchError } from '../errors.js';

/**
 * A declared stream. Each field given here is compared with the server's; each other field must be unset
 * there, except those that an operator may set (`STREAM_FIELDS_LEFT_ALONE`).
 */
export interface StreamDeclaration {
  readonly config: Partial<StreamConfig> & { readonly name: string };
  /**
   * No message in it is the only copy of data. So a stream that the server refuses to change is used as
   * it is until it is empty, and then created anew.
   */
  readonly hintsOnly: boolean;
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

/** The topology for a process that only publishes, and does not declare consumers. */
export function withoutConsumers(topology: Topology): Topology {
  return topology.map((stream) => ({ ...stream, consumers: [] }));
}

/** One thing that a reconciliation did, or has to do later. */
export interface TopologyChange {
  /** `stream X` or `consumer X/Y`. */
  readonly what: string;
  /**
   * `recreated`: the server refuses to change it, or what it had skipped would stay skipped.
   * `postponed`: a stream of hints that is used as it is until it is empty.
   */
  readonly change: 'created' | 'updated' | 'recreated' | 'postponed';
  /** Empty when it was created, else each field that was different. */
  readonly differences: readonly string[];
}
