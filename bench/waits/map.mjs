import { say } from '../../tools/project/say.mjs';
import { sendBatches } from '../load/send-batches.mjs';
import { costsOf } from '../measure/work-done.mjs';
import { memoryOf } from '../system/memory-of.mjs';
import { createWorkflow } from '../system/two-executors.mjs';
import { largestOf, watchLargest } from './document-sizes.mjs';
import { outcomeOf } from './map-outcome.mjs';
import { untilNoneIsOpen } from './open-runs.mjs';

const TRIGGERS = { event: { enabled: true }, task: { enabled: true } };
/** Of a longer list the results are those of its runs alone. */
const RESULTS_ITEMS_MAX = 1_000;
const FAILS_AT = 10;

/**
 * A map over a list: its time, what an item costs, the largest documents, the memory of the executor, how many ran at
 * the same time, and what becomes of one whose eleventh item fails.
 *
 * @param {import('../system/flow.mjs').Apps} apps
 * @param {import('../system/backends.mjs').Backends} backends
 * @param {{ items: number, parallel: number, itemChars: number }} of
 * @param {string} heapReport
 */
export async function measureMap(apps, backends, { items, parallel, itemChars }, heapReport) {
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
  const pids = { executor: executor.pid, ...backends.pids };
  /** @type {(Awaited<ReturnType<typeof run>>)[]} */
  const outcomes = [];
  const costs = await costsOf(backends, pids, async () => {
    outcomes.push(await run('long', 'echo', itemsOf(items, itemChars)));
    return 0;
  });
  const [long] = outcomes;
  if (!long) throw new Error('The map has no outcome');
  const after = await memoryOf(executor.pid, heapReport);
  say('A map whose eleventh item fails');
  const statuses = list(items).map((at) => (at === FAILS_AT ? 'failed' : 'succeeded'));
  const failing = await run('failing', 'ends-as', statuses);
  const residentMiBMax = Math.max(...(costs.processes['executor']?.residentMiB ?? []));
  const bytesMax = {
    activities: await largestOf(activities),
    results: await largestOf(db.collection('results')),
  };
  return {
    short: { ...withoutResults(short), inOrder: isInOrder(short.results) },
    long: { ...withoutResults(long), perSecond: items / long.seconds, ofOne: costs.ofOne(items) },
    failing: withoutResults(failing),
    executor: { residentMiBMax, before, after },
    bytesMax,
  };
}

/**
 * @param {number} length
 * @param {number} chars of each item; 0 for its number
 */
function itemsOf(length, chars) {
  return Array.from({ length }, (_, at) => (chars > 0 ? String(at).padEnd(chars, 'x') : at));
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
