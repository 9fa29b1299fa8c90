import { type JetStreamManager } from '@nats-io/jetstream';

/** The messages of a stream, compared with the counts of its only consumer. */
export interface MessageCount {
  /** Messages that the consumer could deliver now, by its own count. */
  readonly waiting: number;
  /**
   * The least number of messages by which the consumer's count is wrong: messages that it does not know
   * of, and will not deliver, or counts although they are gone.
   */
  readonly wrongBy: number;
  /** The sequence of the oldest message in the stream. */
  readonly oldest: number;
}

/**
 * Compares the consumer's count with the stream's: in a work queue with one consumer each stored message
 * is either pending or waits for its acknowledgement.
 *
 * Messages come and go meanwhile. So the stream is read before and after the consumer, and only a
 * difference that neither reading explains counts, with a tolerance of the same size for the delay
 * between members of a cluster.
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
