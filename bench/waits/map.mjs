import { say } from '../../tools/project/say.mjs';
import { sendBatches } from '../load/send-batches.mjs';
import { memoryOf } from '../system/memory-of.mjs';
import { createWorkflow } from '../system/two-executors.mjs';
import { watchUsage } from '../system/usage.mjs';
import { largestOf, watchLargest } from './document-sizes.mjs';
import { outcomeOf } from './map-outcome.mjs';
import { untilNoneIsOpen } from './open-runs.mjs';

const TRIGGERS = { event: { enabled: true }, task: { enabled: true } };
/** Of a longer list the results are those of its runs alone. */
const RESULTS_ITEMS_MAX = 1_000;
const FAILS_AT = 10;

/**
 * A map over a list: its time, the largest documents, the memory of the executor, how many ran at the same time, and
 * what becomes of one whose eleventh item fails.
 *
 * @param {import('../system/flow.mjs').Apps} apps
 * @param {import('../system/backends.mjs').Backends} backends
 * @param {{ items: number, parallel: number }} of
 * @param {string} heapReport
 */
export async function measureMap(apps, backends, { items, parallel }, heapReport) {
  const { api, executor, db, activities } = apps;
  const create = (/** @type {string} */ id, /** @type {object} */ tasks) =>
    createWorkflow(api, { id, name: id, triggers: TRIGGERS, tasks });
  await create('echo', { it: { 'set-property': { output: 'got', value: '$(params.item)' } } });
  await create('ends-as', { it: { 'set-status': '$(params.item)' } });
  const run = async (
    /** @type {string} */ id,
    /** @type {string} */ workflow,
    /** @type {readonly unknown[]} */ all,
  ) => {
    const each = { map: { over: '$(params.all)', workflow, maxParallel: parallel } };
    const { token } = await create(id, { each });
    const endLooks = watchLargest(activities, id);
    await sendBatches({ listenerUrl: apps.listener.url, workflowId: id, token }, 1, { all });
    await untilNoneIsOpen(activities, id);
    // Those of a map that failed are cancelled after it has ended.
    await untilNoneIsOpen(activities, workflow);
    return { ...(await outcomeOf(apps, id)), bytesMax: await endLooks() };
  };
  const list = (/** @type {number} */ length) => Array.from({ length }, (_, at) => at);
  const short = await run('short', 'echo', list(RESULTS_ITEMS_MAX));
  const before = await memoryOf(executor.pid, heapReport);
  say(`A map over ${items} items`);
  const end = watchUsage({ executor: executor.pid, mongod: backends.pids.mongod });
  const long = await run('long', 'echo', list(items));
  const { processes } = end(0);
  const used = processes['executor'];
  const after = await memoryOf(executor.pid, heapReport);
  say('A map whose eleventh item fails');
  const statuses = list(items).map((at) => (at === FAILS_AT ? 'failed' : 'succeeded'));
  const failing = await run('failing', 'ends-as', statuses);
  const residentMiBMax = Math.max(...(used?.residentMiB ?? []));
  const bytesMax = {
    activities: await largestOf(activities),
    results: await largestOf(db.collection('results')),
  };
  return {
    short: { ...withoutResults(short), inOrder: isInOrder(short.results) },
    long: withoutResults(long),
    failing: withoutResults(failing),
    executor: { cpuSeconds: used?.cpuSeconds, residentMiBMax, before, after },
    mongod: { cpuMsOfItem: ((processes['mongod']?.cpuSeconds ?? NaN) * 1000) / items },
    bytesMax,
  };
}

/**
 * @template {{ results: unknown }} T
 * @param {T} outcome
 */
function withoutResults({ results: _, ...outcome }) {
  return outcome;
}

/** @param {readonly unknown[]} [results] */
function isInOrder(results = []) {
  const got = results.map((one) => Number(/** @type {{ got: unknown }} */ (one).got));
  return got.length === RESULTS_ITEMS_MAX && got.every((one, at) => one === at);
}
