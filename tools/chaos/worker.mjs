/*
 * A worker that the chaos test kills. Each of its tasks has a side effect at the target, under its idempotency key.
 *
 *   node worker.mjs <folder of the compiled SDK> <NATS> <queue> <target>
 */
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

const [sdk = '', servers = '', queue = '', target = ''] = process.argv.slice(2);
/** @type {unknown} */
const loaded = await import(pathToFileURL(path.join(sdk, 'index.js')).href);
const { RetryableError, serve } = /** @type {typeof import('@flow-eventing/worker-sdk')} */ (
  loaded
);

/** @param {import('@flow-eventing/worker-sdk').Task<{ n: number }>} task */
async function work({ input, idempotencyKey, signal }) {
  const response = await fetch(`${target}/work`, {
    method: 'POST',
    headers: { 'idempotency-key': idempotencyKey },
    body: String(input.n),
    signal,
  });
  if (!response.ok) throw new RetryableError('not yet', { code: 'NOT_YET', outcomeKnown: true });
  return { n: input.n };
}

await serve(queue, work, {
  servers,
  concurrency: 4,
  leaseMs: Number(process.env['WORKER_LEASE_MS']),
  onError: (error) => process.stderr.write(`${String(error)}\n`),
});
process.stdout.write('ready\n');
