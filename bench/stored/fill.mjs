import { randomBytes } from 'node:crypto';
import { sendBatches } from '../load/send-batches.mjs';
import { createWorkflow } from '../system/two-executors.mjs';
import { untilAllWait, untilNoneIsOpen } from '../waits/open-runs.mjs';

const BATCH = 1_000;
const DAY_MS = 86_400_000;
const DAYS = 30;
const TRIGGERS = { event: { enabled: true } };

/** What others are made of, and how often one is made of each, of a hundred. */
const ENDED = /** @type {const} */ ({ bench: 96, 'ends-failed': 4 });
const WAITING = /** @type {const} */ ({ sleeper: 60, listening: 40 });

/** @typedef {Record<string, unknown> & { _id: string }} Document */

/**
 * Stores workflows, activities that have ended over the last thirty days and some that wait for the next thirty, as
 * alike as can be to those that have run here.
 *
 * @param {import('../system/flow.mjs').Apps} apps
 * @param {import('../system/target.mjs').ExecutingTarget} target some of whose events have run
 * @param {{ ended: number, waiting: number, workflows: number }} counts
 */
export async function fill(apps, target, { ended, waiting, workflows }) {
  const { activities, db } = apps;
  await runOne(apps, 'ends-failed', { it: { 'set-status': 'failed' } }, false);
  await runOne(apps, 'sleeper', { it: { sleep: '30d' } }, true);
  await runOne(apps, 'listening', { it: { 'wait-for-event': 'paid' } }, true);
  await copy(db.collection('workflows'), target.workflowId, workflows, (at) => ({
    name: `workflow-${at}`,
    tokens: [],
  }));
  await copy(db.collection('workflow_revisions'), target.workflowId, workflows, (at) => ({
    workflowId: idOfWorkflow(at),
  }));
  const begun = (/** @type {number} */ share) => new Date(Date.now() - share * DAYS * DAY_MS);
  const of = (/** @type {number} */ at) => ({ workflowId: idOfWorkflow((at * 7_919) % workflows) });
  for (const [workflowId, percent] of Object.entries(ENDED)) {
    const count = Math.round((ended * percent) / 100);
    const one = await exampleOf(activities, workflowId);
    await insert(activities, count, (at) => ({
      ...{ ...one, _id: newId(), ...of(at) },
      createdAt: begun(at / count),
    }));
  }
  for (const [workflowId, percent] of Object.entries(WAITING)) {
    const count = Math.round((waiting * percent) / 100);
    const one = await exampleOf(activities, workflowId);
    await insert(activities, count, (at) => ({
      ...{ ...one, _id: newId(), ...of(at) },
      createdAt: begun(at / count),
      wakeAt: new Date(Date.now() + DAY_MS + (at / count) * DAYS * DAY_MS),
    }));
  }
  // What it has still to write would be in the way of the first round alone.
  await db.admin().command({ fsync: 1 });
}

/**
 * @param {import('../system/flow.mjs').Apps} apps
 * @param {string} id
 * @param {object} tasks
 * @param {boolean} waits
 */
async function runOne({ api, listener, activities }, id, tasks, waits) {
  const { token } = await createWorkflow(api, { id, name: id, triggers: TRIGGERS, tasks });
  await sendBatches({ listenerUrl: listener.url, workflowId: id, token }, 1, {});
  await (waits ? untilAllWait(activities, id, 1) : untilNoneIsOpen(activities, id));
}

/**
 * @param {import('../system/target.mjs').ExecutingTarget['activities']} activities
 * @param {string} workflowId
 */
async function exampleOf(activities, workflowId) {
  const found = await activities.findOne({ workflowId });
  if (!found) throw new Error(`No run of "${workflowId}" is there that others could be made of`);
  return found;
}

/**
 * @param {import('mongoose').mongo.Collection} collection
 * @param {string} id of the workflow
 * @param {number} count
 * @param {(at: number) => object} rest
 */
async function copy(collection, id, count, rest) {
  const filter = /** @type {object} */ ({ $or: [{ _id: id }, { workflowId: id }] });
  const found = await collection.findOne(filter);
  const one = /** @type {Document | null} */ (/** @type {unknown} */ (found));
  if (!one) throw new Error(`Nothing of the workflow "${id}" is in ${collection.collectionName}`);
  await insert(/** @type {never} */ (collection), count, (at) => ({
    ...{ ...one, _id: one._id.replace(id, idOfWorkflow(at)) },
    ...rest(at),
  }));
}

/**
 * @param {import('mongoose').mongo.Collection<{ _id: string }>} collection
 * @param {number} count
 * @param {(at: number) => { _id: string }} make
 */
async function insert(collection, count, make) {
  for (let stored = 0; stored < count; stored += BATCH) {
    const size = Math.min(BATCH, count - stored);
    const made = Array.from({ length: size }, (_, at) => make(stored + at));
    await collection.insertMany(made, { ordered: false });
  }
}

function newId() {
  return randomBytes(32).toString('hex');
}

/** @param {number} at */
function idOfWorkflow(at) {
  return `workflow-${at}`;
}
