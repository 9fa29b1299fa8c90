import { setTimeout as delay } from 'node:timers/promises';
import { sendBatches } from '../load/send-batches.mjs';
import { watchUsage } from '../system/usage.mjs';
import { createWorkflow } from '../system/two-executors.mjs';
import { untilAllWait } from './open-runs.mjs';
import { say } from '../../tools/project/say.mjs';

const SETTLE_MS = 6_000;

/**
 * What an executor that has nothing to do costs: without anything on record, and with sleepers that are due in a
 * month.
 *
 * @param {import('../system/flow.mjs').Apps} apps
 * @param {import('../system/backends.mjs').Backends} backends
 * @param {{ count: number, seconds: number }} how
 */
export async function measureIdle(
  { api, listener, executor, activities },
  backends,
  { count, seconds },
) {
  const id = 'far-away';
  const triggers = { event: { enabled: true } };
  const workflow = { id, name: id, triggers, tasks: { it: { sleep: '30d' } } };
  const { token } = await createWorkflow(api, workflow);
  const look = async () => {
    await delay(SETTLE_MS);
    const admin = backends.mongodb.db('admin');
    const before = await commandsOf(admin);
    const end = watchUsage({ executor: executor.pid, mongod: backends.pids.mongod });
    await delay(seconds * 1_000);
    const { processes } = end(0);
    const after = await commandsOf(admin);
    return {
      executorCpu: (processes['executor']?.cpuSeconds ?? NaN) / seconds,
      mongodCpu: (processes['mongod']?.cpuSeconds ?? NaN) / seconds,
      perSecond: Object.fromEntries(
        Object.entries(after).map(([name, n]) => [name, (n - (before[name] ?? 0)) / seconds]),
      ),
    };
  };
  const nothing = await look();
  say(`${count} sleepers that are due in a month`);
  await sendBatches({ listenerUrl: listener.url, workflowId: id, token }, count, {});
  await untilAllWait(activities, id, count);
  return { count, nothing, sleepers: await look() };
}

/**
 * How many commands MongoDB has had of each kind.
 *
 * @param {import('mongoose').mongo.Db} admin
 * @returns {Promise<Record<string, number>>}
 */
async function commandsOf(admin) {
  /** @type {unknown} */
  const status = await admin.command({ serverStatus: 1 });
  const kinds = ['insert', 'query', 'update', 'delete', 'getmore', 'command'];
  const { opcounters } = /** @type {{ opcounters: Record<string, unknown> }} */ (status);
  return Object.fromEntries(kinds.map((kind) => [kind, Number(opcounters[kind])]));
}
