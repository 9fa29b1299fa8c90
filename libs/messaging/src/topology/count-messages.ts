import { type JetStreamManager } from '@nats-io/jetstream';

/** What a stream holds, and what its one consumer says of it. */
export interface MessageCount {
  /** Messages that the consumer could deliver now, by its own word. */
  readonly waiting: number;
  /**
   * By how many messages the consumer's word is wrong for sure: what it doesn't know of, and will not
   * deliver, or what it counts although it is gone.
   */
  readonly wrongBy: number;
  /** The sequence of the oldest message in the stream. */
  readonly oldest: number;
}

/**
 * Compares the consumer's word with the stream's own count: in a work queue with one consumer each
 * message that is stored is either pending or waits for its acknowledgement.
 *
 * Messages come and go while it looks. So the stream is asked before and after the consumer, and only
 * what neither explains counts, with as much again for a cluster's members that are a moment apart.
 */
export async function countMessages(
  { streams, consumers }: JetStreamManager,
  stream: string,
  durable: string,
): Promise<MessageCount> {
  const { state: before } = await streams.info(stream);
  const consumer = await consumers.info(stream, durable);
  const { state: after } = await streams.info(stream);

  const known = consumer.num_pending + consumer.num_ack_pending;
  const published = after.last_seq - before.last_seq;
  const done = before.messages + published - after.messages;
  const least = before.messages - done;
  const most = before.messages + published;
  const doubt = published + done;
  const wrongBy = Math.max(0, least - known - doubt, known - most - doubt);

  const inFlightMax = consumer.config.max_ack_pending ?? Infinity;
  const hasRoom = consumer.num_ack_pending < inFlightMax;
  return { waiting: hasRoom ? consumer.num_pending : 0, wrongBy, oldest: after.first_seq };
}
