import { storesStatus } from '../system/stores-status.mjs';
import { watchUsage } from '../system/usage.mjs';

/**
 * Counts of the work that the stores have done so far. The difference of two readings is the work in between.
 *
 * @typedef {object} WorkDone
 * @property {number} commands that clients sent to MongoDB
 * @property {number} inserts documents
 * @property {number} updates statements, with those that changed nothing
 * @property {number} reads documents that queries returned, with those of the bench's change stream
 * @property {number} natsIn messages that clients sent to NATS
 * @property {number} natsOut messages that NATS sent to clients
 */

/**
 * @param {import('../system/backends.mjs').Backends} backends
 * @returns {Promise<WorkDone>}
 */
async function workDone(backends) {
  const { mongodb, nats } = await storesStatus(backends);
  return {
    commands: mongodb.network.numRequests,
    inserts: mongodb.opcounters.insert,
    updates: mongodb.opcounters.update,
    reads: mongodb.metrics.document.returned,
    natsIn: nats.in_msgs,
    natsOut: nats.out_msgs,
  };
}

/**
 * Measures the CPU time of each process for some work, in milliseconds, and the work of the stores. The bench's own
 * reading of the change stream is not included.
 *
 * @param {import('../system/backends.mjs').Backends} backends
 * @param {Readonly<Record<string, number>>} pids
 * @param {() => Promise<number>} work gives the CPU seconds of the load
 */
export async function costsOf(backends, pids, work) {
  const before = await workDone(backends);
  const endUsage = watchUsage(pids);
  const load = await work();
  const { processes } = endUsage(load);
  const after = await workDone(backends);
  /** @type {[string, number][]} */
  const seconds = Object.entries(processes).map(([name, { cpuSeconds }]) => [name, cpuSeconds]);
  seconds.push(['load', load]);
  const all = seconds.reduce((sum, [, one]) => sum + one, 0);
  /** @type {(keyof WorkDone)[]} */
  const counts = ['commands', 'inserts', 'updates', 'reads', 'natsIn', 'natsOut'];
  return {
    processes,
    /** @param {number} tasks */
    ofOne: (tasks) => ({
      cpuMs: Object.fromEntries(
        [...seconds, /** @type {[string, number]} */ (['all', all])].map(([name, one]) => [
          name,
          rounded((one * 1_000) / tasks),
        ]),
      ),
      work: Object.fromEntries(
        counts.map((name) => [name, rounded((after[name] - before[name]) / tasks)]),
      ),
    }),
  };
}

/** @param {number} value */
function rounded(value) {
  return Math.round(value * 1_000) / 1_000;
}
