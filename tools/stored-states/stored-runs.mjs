import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

/**
 * One of runs.yaml.
 *
 * @typedef {object} StoredRun
 * @property {Record<string, unknown>} workflow in the short form
 * @property {string} at what its record must say: a status, or the kind of what it waits for
 * @property {string} [task] that it waits in
 * @property {readonly Step[]} [steps] what is done once it waits in a task
 *
 * @typedef {object} Step
 * @property {string} in the task that it has to wait in
 * @property {string} [post] the path behind that of the activity
 * @property {string} [topic] of the event that is sent instead
 * @property {object} body
 */

/** The workflow that others begin runs of; each of its runs waits for an event. */
export const CALLED = 'called';

/**
 * @param {string} target where the calls go
 * @returns {Readonly<Record<string, StoredRun>>}
 */
export function storedRuns(target) {
  const text = readFileSync(path.join(import.meta.dirname, 'runs.yaml'), 'utf8');
  /** @type {unknown} */
  const runs = parse(text.replaceAll('{{target}}', target));
  return /** @type {Record<string, StoredRun>} */ (runs);
}
