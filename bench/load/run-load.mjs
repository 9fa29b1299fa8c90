import { spawn } from 'node:child_process';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { runWrk } from './run-wrk.mjs';

const GENERATOR = fileURLToPath(new URL('load-generator.mjs', import.meta.url));

let batches = 0;

/**
 * Sends events with new ids to a target.
 *
 * @param {import('../system/target.mjs').Target} target
 * @param {Pick<import('./load-generator.mjs').Load, 'connections' | 'seconds' | 'perSecond' | 'tracked' | 'eventsPerRequest'> & { wrk?: boolean }} what
 * @returns {Promise<import('./load-generator.mjs').LoadResult>}
 */
export async function runLoad(target, { wrk = false, ...what }) {
  const { url, headers, workflowId } = target;
  const batch = `${(batches++).toString(36).padStart(4, '0')}-`;
  if (wrk && !what.perSecond) return runWrk(target, what, batch);
  /** @type {import('./load-generator.mjs').Load} */
  const load = { url, headers, workflowId, batch, ...what };
  const child = spawn(process.execPath, [GENERATOR, JSON.stringify(load)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  /** @type {Promise<number | null>} */
  const exit = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  const [printed, code] = await Promise.all([text(child.stdout), exit]);
  if (code !== 0) throw new Error(`The load generator ended with ${String(code)}`);
  /** @type {unknown} */
  const result = JSON.parse(printed);
  return /** @type {import('./load-generator.mjs').LoadResult} */ (result);
}
