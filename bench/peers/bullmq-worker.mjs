import process from 'node:process';
import { serveEvents } from '../floors/serve-events.mjs';
import { openWorker } from './bullmq.mjs';

/** Three steps for each job, as the bare pipeline's; each is saved in the job if `SAVE_STEPS` is 1. */

const saves = process.env['SAVE_STEPS'] === '1';
let completed = 0;

/** @type {((event: Record<string, unknown>) => unknown)[]} */
const steps = [
  (event) => JSON.stringify(event['data']),
  (event) => `Hello, ${String(event['source'])}`,
  (event) => String(event['type']),
];

await openWorker(
  process.env['REDIS_PORT'] ?? '',
  process.env['QUEUE'] ?? '',
  async (job) => {
    const results = [];
    for (const step of steps) {
      results.push(step(job.data));
      if (saves) await job.updateProgress(results);
    }
    return results;
  },
  () => {
    completed += 1;
  },
);
await serveEvents(
  () => Promise.reject(new Error('Events go to the other process')),
  () => completed,
);
