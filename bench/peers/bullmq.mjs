import { createRequire } from 'node:module';

/**
 * The little of BullMQ that is used here, as types: it is installed when it is measured, and no
 * dependency of the product.
 *
 * @typedef {object} Job
 * @property {Record<string, unknown>} data
 * @property {(progress: unknown) => Promise<void>} updateProgress is in Redis when it resolves
 *
 * @typedef {object} Queue
 * @property {(name: string, data: unknown) => Promise<void>} add
 *
 * @typedef {object} BullMq
 * @property {new (name: string, options: object) => Queue} Queue
 * @property {new (name: string, work: (job: Job) => Promise<unknown>, options: object) =>
 *   { on: (event: 'completed', seen: () => void) => void }} Worker
 */

/** What its own documentation calls a good value for jobs that only do I/O. */
const CONCURRENCY = 200;

/** What has ended is kept no longer than this many: Redis has it in memory. */
const KEPT_MAX = 1_000;

/**
 * @param {string} port
 * @param {string} name
 * @returns {Promise<Queue>}
 */
export async function openQueue(port, name) {
  const { Queue } = load();
  const options = { removeOnComplete: KEPT_MAX, removeOnFail: KEPT_MAX };
  return new Queue(name, { connection: connectionTo(port), defaultJobOptions: options });
}

/**
 * @param {string} port
 * @param {string} name of the queue
 * @param {(job: Job) => Promise<unknown>} work
 * @param {() => void} onCompleted the job's end is in Redis
 */
export async function openWorker(port, name, work, onCompleted) {
  const { Worker } = load();
  const options = { connection: connectionTo(port), concurrency: CONCURRENCY };
  new Worker(name, work, options).on('completed', onCompleted);
}

/** @param {string} port */
function connectionTo(port) {
  return { host: '127.0.0.1', port: Number(port), maxRetriesPerRequest: null };
}

function load() {
  /** @type {unknown} */
  const bullMq = createRequire(import.meta.url)('bullmq');
  return /** @type {BullMq} */ (bullMq);
}
