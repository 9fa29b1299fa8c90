import { say } from '../../tools/project/say.mjs';
import { sendBatches } from '../load/send-batches.mjs';
import { memoryOf } from '../system/memory-of.mjs';
import { createWorkflow } from '../system/two-executors.mjs';
import { untilAllWait, untilNoneIsOpen } from './open-runs.mjs';

const TRIGGERS = { event: { enabled: true }, task: { enabled: true } };
const FOR_LONG = '30d';

/** @type {Readonly<Record<string, object>>} a workflow for each way to wait */
const WAITING = {
  sleep: { tasks: { it: { sleep: FOR_LONG } } },
  event: { tasks: { it: { 'wait-for-event': 'never' } } },
  approval: { tasks: { it: { approval: {} } } },
  worker: { tasks: { it: { generic: { queue: 'nobody', input: {} } } } },
  lock: { tasks: { it: { 'acquire-lock': 'door' }, then: { sleep: FOR_LONG, needs: 'it' } } },
  slot: {
    concurrency: { limit: 1, whenFull: 'queue' },
    tasks: { it: { sleep: FOR_LONG } },
  },
  child: { tasks: { it: { 'run-workflow': { workflow: 'sleep' } } } },
};

/**
 * The memory of the executor after its garbage is collected: before anything waits, and with more and more runs that
 * wait in one way after the other.
 *
 * @param {import('../system/flow.mjs').Apps} apps
 * @param {number} count of each way
 * @param {string} heapReport
 */
export async function measureHeld({ api, listener, executor, activities }, count, heapReport) {
  const to = async (/** @type {string} */ id, /** @type {object} */ rest) => {
    const { token } = await createWorkflow(api, { id, name: id, triggers: TRIGGERS, ...rest });
    return { listenerUrl: listener.url, workflowId: id, token };
  };
  const done = await to('done', { tasks: { it: { 'set-property': { output: 'a', value: 1 } } } });
  await sendBatches(done, Math.max(count, 2_000), {});
  await untilNoneIsOpen(activities, 'done');
  const rows = [{ waiting: 'nothing', runs: 0, ...(await memoryOf(executor.pid, heapReport)) }];
  for (const [way, rest] of Object.entries(WAITING)) {
    say(`${count} runs that wait: ${way}`);
    await sendBatches(await to(way, rest), count, {});
    await untilAllWait(activities, way, count);
    const runs = await activities.countDocuments({ status: { $in: ['queued', 'waiting'] } });
    rows.push({ waiting: way, runs, ...(await memoryOf(executor.pid, heapReport)) });
  }
  return rows;
}
