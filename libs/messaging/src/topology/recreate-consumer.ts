import { type JetStreamManager } from '@nats-io/jetstream';
import { type ConsumerDeclaration } from './topology.js';

/**
 * Puts a new consumer in the place of one that delivers nothing. The stream is a work queue, so what
 * was acknowledged is gone and all that is there is delivered, counted from 1.
 */
export async function recreateConsumer(
  { consumers }: JetStreamManager,
  stream: string,
  { config }: ConsumerDeclaration,
): Promise<void> {
  await consumers.delete(stream, config.durable_name);
  await consumers.add(stream, config);
}
