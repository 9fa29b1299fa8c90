import { readFileSync, rmSync } from 'node:fs';
import process from 'node:process';
import { waitFor } from '../../tools/project/wait-for.mjs';
import { nodeSettings } from '../../tools/start/app-settings.mjs';

const REPORTER = new URL('heap-report.mjs', import.meta.url).href;
const MEBIBYTE = 1024 ** 2;

/**
 * @param {string} file that it writes
 * @returns {Record<string, string>} environment variables that make a service report its memory
 */
export function heapReportEnv(file) {
  const { NODE_OPTIONS = '' } = nodeSettings();
  return { NODE_OPTIONS: `${NODE_OPTIONS} --import=${REPORTER}`, HEAP_REPORT: file };
}

/**
 * @typedef {object} Memory in MiB, with all garbage collected
 * @property {number} heap
 * @property {number} outside of the heap: buffers
 * @property {number} resident
 */

/**
 * The memory of a service with `heapReportEnv`.
 *
 * @param {number} pid
 * @param {string} file
 * @returns {Promise<Memory>}
 */
export async function memoryOf(pid, file) {
  rmSync(file, { force: true });
  process.kill(pid, 'SIGUSR2');
  const text = await waitFor('a report of the heap', () => readFileSync(file, 'utf8'));
  /** @type {unknown} */
  const report = JSON.parse(text);
  const { heapUsed, external, rss } =
    /** @type {{ heapUsed: number, external: number, rss: number }} */ (report);
  return { heap: heapUsed / MEBIBYTE, outside: external / MEBIBYTE, resident: rss / MEBIBYTE };
}
