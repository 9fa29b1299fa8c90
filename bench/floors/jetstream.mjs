import process from 'node:process';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, createInbox } from '@nats-io/transport-node';

const SUBJECT = 'bare.event';
const STREAM = 'BARE_EVENTS';

/**
 * A connection to `NATS_URL` with a work queue on it, emptied.
 *
 * @returns {Promise<{ connection: import('@nats-io/transport-node').NatsConnection,
 *   manager: import('@nats-io/jetstream').JetStreamManager }>}
 */
export async function openWorkQueue() {
  const connection = await connect({ servers: process.env['NATS_URL'] ?? '' });
  const manager = await jetstreamManager(connection);
  await manager.streams.delete(STREAM).catch(() => false);
  await manager.streams.add({
    name: STREAM,
    subjects: [SUBJECT],
    retention: 'workqueue',
    storage: 'file',
  });
  return { connection, manager };
}

/**
 * Publishes with one subscription for all acknowledgements, which is the cheapest way there is.
 *
 * @param {import('@nats-io/transport-node').NatsConnection} connection
 * @returns {(body: string) => Promise<void>} resolves when JetStream has stored it
 */
export function publisher(connection) {
  const inbox = createInbox();
  /** @type {Map<string, () => void>} */
  const waiting = new Map();
  connection.subscribe(`${inbox}.*`, {
    callback: (_error, { subject }) => {
      waiting.get(subject)?.();
      waiting.delete(subject);
    },
  });
  let published = 0;
  return (body) =>
    new Promise((resolve) => {
      const reply = `${inbox}.${published++}`;
      waiting.set(reply, resolve);
      connection.publish(SUBJECT, body, { reply });
    });
}

/**
 * @param {import('@nats-io/jetstream').JetStreamManager} manager
 * @param {(message: import('@nats-io/jetstream').JsMsg) => void} take
 */
export async function consumeQueue(manager, take) {
  const durable = 'bare-executor';
  await manager.consumers.add(STREAM, { durable_name: durable, ack_policy: 'explicit' });
  const consumer = await manager.jetstream().consumers.get(STREAM, durable);
  await consumer.consume({ max_messages: 512, callback: take });
}
