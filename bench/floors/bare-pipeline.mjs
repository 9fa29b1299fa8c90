import process from 'node:process';
import mongoose from 'mongoose';
import { groupCommit } from './group-commit.mjs';
import { consumeQueue, openWorkQueue, publisher } from './jetstream.mjs';
import { serveEvents } from './serve-events.mjs';

/**
 * The bare pipeline, with which the apps are compared: the least that an event must cost. It makes the same durable
 * writes (one insert, one update on the condition of the revision), sends one message with its acknowledgement, and runs
 * three steps, without authorization, validation and framework, in one process.
 *
 * @typedef {Record<string, unknown> & { id: string }} CloudEvent
 * @typedef {{ name: string, status: string, result: unknown }} TaskRun
 * @typedef {{ _id: string, workflowId: string, status: string, revision: number, createdAt: Date,
 *   wakeAt?: Date, event: Record<string, unknown>, tasks?: TaskRun[] }} Activity
 */

const client = new mongoose.mongo.MongoClient(process.env['MONGODB_URL'] ?? '', {
  writeConcern: { w: 'majority', journal: true },
});
await client.connect();
/** @type {import('mongoose').mongo.Collection<Activity>} */
const activities = client.db().collection('activities');
await activities.createIndexes([
  { key: { wakeAt: 1 }, partialFilterExpression: { wakeAt: { $exists: true } } },
  { key: { workflowId: 1, createdAt: -1, _id: -1 } },
  { key: { status: 1, createdAt: -1, _id: -1 } },
]);

const { connection, manager } = await openWorkQueue();
const publish = publisher(connection);
let completed = 0;

const record = groupCommit(async (/** @type {CloudEvent[]} */ events) => {
  await activities.insertMany(events.map(toActivity), { ordered: false });
  for (const event of events) void publish(JSON.stringify(event));
});

const commit = groupCommit(async (/** @type {{ id: string, tasks: TaskRun[] }[]} */ runs) => {
  const updates = runs.map(
    /** @returns {import('mongoose').mongo.AnyBulkWriteOperation<Activity>} */ ({ id, tasks }) => ({
      updateOne: {
        filter: { _id: id, revision: 1 },
        update: { $set: { status: 'succeeded', revision: 2, tasks }, $unset: { wakeAt: true } },
      },
    }),
  );
  const { matchedCount } = await activities.bulkWrite(updates, { ordered: false });
  if (matchedCount !== runs.length) throw new Error('Somebody else wrote to an activity');
});

/** @type {((event: CloudEvent) => TaskRun)[]} */
const steps = [
  (event) => ({ name: 'read', status: 'succeeded', result: JSON.stringify(event['data']) }),
  (event) => ({ name: 'greet', status: 'succeeded', result: `Hello, ${String(event['source'])}` }),
  (event) => ({ name: 'sum up', status: 'succeeded', result: String(event['type']) }),
];

await consumeQueue(manager, (message) => {
  const event = /** @type {CloudEvent} */ (message.json());
  void commit({ id: event.id, tasks: steps.map((step) => step(event)) }).then(() => {
    completed += 1;
    message.ack();
  });
});
await serveEvents(record, () => completed);

/**
 * @param {CloudEvent} event
 * @returns {Activity}
 */
function toActivity({ data, ...attributes }) {
  const now = Date.now();
  return {
    _id: attributes.id,
    workflowId: 'bare',
    status: 'queued',
    revision: 1,
    createdAt: new Date(now),
    wakeAt: new Date(now + 30_000),
    event: { ...attributes, data: JSON.stringify(data) },
  };
}
