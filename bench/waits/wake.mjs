import { setTimeout as delay } from 'node:timers/promises';
import { say } from '../../tools/project/say.mjs';
import { sendBatches } from '../load/send-batches.mjs';
import { newcomersDuring } from '../measure/newcomers.mjs';
import { watchUsage } from '../system/usage.mjs';
import { createWorkflow } from '../system/two-executors.mjs';
import { spanOf, untilAllWait, untilNoneIsOpen } from './open-runs.mjs';

/** Of the time that as many plain runs take: sleepers that are to wait before they are due take more writes. */
const CREATING_TIMES = 2;
const CREATING_MS_MIN = 5_000;
const QUIET_MS = 6_000;
/** The first runs of either kind take longer, so they are not measured. */
const WARM_UP_RUNS = 2_000;
/** The age at which an executor with `LEASE_MS` of 30 s takes up what is due without a claim. */
const UNCLAIMED_MS = 31_000;

const TRIGGERS = { event: { enabled: true } };

/**
 * @typedef {object} Waking
 * @property {import('../system/flow.mjs').Apps} apps
 * @property {import('../system/target.mjs').ExecutingTarget} target of the events that come meanwhile
 * @property {number} count
 */

/**
 * Sleepers that are due at the same second, and as many runs that never wait. Beside either, events come that are
 * to be run at once.
 *
 * @param {Waking} bench
 */
export async function measureWaking(bench) {
  const { target, count } = bench;
  const unclaimedFrom = Date.now() + UNCLAIMED_MS;
  say('Events alone');
  const alone = await newcomersDuring(target, delay(QUIET_MS));
  say(`${count} plain runs`);
  const plain = await measurePlain(bench);
  say(`${count} sleepers`);
  const creatingMsMax = Math.max(CREATING_TIMES * plain.seconds * 1_000, CREATING_MS_MIN);
  const waking = await measureSleepers(bench, unclaimedFrom, creatingMsMax);
  const wakingOfPlain = waking.seconds / plain.seconds;
  return { count, newcomersAlone: alone.latencyMs, plain, waking, wakingOfPlain };
}

/** @param {Waking} bench */
async function measurePlain({ apps, target, count }) {
  const { activities } = apps;
  const task = { 'set-property': { output: 'a', value: '$(params.until)' } };
  const plain = await createdWorkflow(apps, 'plain', task);
  await sendBatches(plain, WARM_UP_RUNS, { until: 'now' });
  await untilNoneIsOpen(activities, 'plain');
  await activities.deleteMany({ workflowId: 'plain' });

  const endUsage = watchUsage(target.pids);
  const work = sendBatches(plain, count, { until: 'now' });
  const ended = work.then(() => untilNoneIsOpen(activities, 'plain'));
  const { latencyMs } = await newcomersDuring(target, ended);
  const { begunAt, endedAt } = await spanOf(activities, 'plain');
  return { ...figuresOf(count, endedAt - begunAt, endUsage(0)), newcomers: latencyMs };
}

/**
 * @param {Waking} bench
 * @param {number} unclaimedFrom those before the measured ones are due then
 * @param {number} creatingMsMax the measured ones are due then
 */
async function measureSleepers({ apps, target, count }, unclaimedFrom, creatingMsMax) {
  const { activities } = apps;
  const sleeper = await createdWorkflow(apps, 'sleeper', { sleep: { until: '$(params.until)' } });
  const warmUpAt = Math.max(unclaimedFrom, Date.now() + CREATING_MS_MIN);
  await sendBatches(sleeper, WARM_UP_RUNS, { until: new Date(warmUpAt).toISOString() });
  await untilNoneIsOpen(activities, 'sleeper');
  await activities.deleteMany({ workflowId: 'sleeper' });

  const createdFrom = Date.now();
  const dueAt = createdFrom + creatingMsMax;
  await sendBatches(sleeper, count, { until: new Date(dueAt).toISOString() });
  await untilAllWait(activities, 'sleeper', count);
  const createdSeconds = (Date.now() - createdFrom) / 1_000;
  await delay(Math.max(0, dueAt - Date.now()));
  const endUsage = watchUsage(target.pids);
  const { latencyMs } = await newcomersDuring(target, untilNoneIsOpen(activities, 'sleeper'));
  const { endedAt } = await spanOf(activities, 'sleeper');
  return {
    createdSeconds,
    ...figuresOf(count, endedAt - dueAt, endUsage(0)),
    newcomers: latencyMs,
  };
}

/**
 * @param {import('../system/flow.mjs').Apps} apps
 * @param {string} id
 * @param {object} task
 */
async function createdWorkflow({ api, listener }, id, task) {
  const workflow = { id, name: id, triggers: TRIGGERS, tasks: { it: task } };
  const { token } = await createWorkflow(api, workflow);
  return { listenerUrl: listener.url, workflowId: id, token };
}

/**
 * @param {number} count
 * @param {number} ms
 * @param {import('../system/usage.mjs').Usage} usage
 */
function figuresOf(count, ms, { processes, othersCpu }) {
  /** @type {Record<string, number>} */
  const cpuOf1000 = { others: othersCpu };
  for (const [name, { cpuSeconds }] of Object.entries(processes)) {
    cpuOf1000[name] = (cpuSeconds * 1_000) / count;
  }
  return { seconds: ms / 1_000, perSecond: (count * 1_000) / ms, cpuOf1000 };
}
