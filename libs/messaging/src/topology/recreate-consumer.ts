import { DeliverPolicy, type JetStreamManager } from '@nats-io/jetstream';
import { type ConsumerDeclaration } from './topology.js';

/**
 * Puts a new consumer in the place of one that delivers nothing. It begins after the last message
 * up to which all were acknowledged, so nothing is skipped; what was acknowledged beyond that is
 * delivered again, and deliveries are counted from 1.
 */
export async function recreateConsumer(
  { consumers }: JetStreamManager,
  stream: string,
  { config }: ConsumerDeclaration,
): Promise<void> {
  const { ack_floor: acknowledged } = await consumers.info(stream, config.durable_name);
  await consumers.delete(stream, config.durable_name);
  await consumers.add(stream, {
    ...config,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: acknowledged.stream_seq + 1,
  });
}
