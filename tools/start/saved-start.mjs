import { randomBytes } from 'node:crypto';
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { readJson } from '../project/read-json.mjs';

const FILE = 'start.json';

/**
 * What a start leaves for the next one, and for whoever looks at an activity meanwhile.
 *
 * @typedef {object} SavedStart
 * @property {string} adminToken
 * @property {string} internalSecret
 * @property {string} [secretsKey] absent in what an earlier version left
 * @property {string} [executorUrl] of the last start
 * @property {SampleAccess} [sample]
 *
 * @typedef {object} SampleAccess
 * @property {string} workflowId
 * @property {string} tokenId
 * @property {string} token
 */

/**
 * @param {string} folder
 * @returns {SavedStart & { secretsKey: string }} new secrets if there was no start yet
 */
export function loadStart(folder) {
  const saved = findStart(folder) ?? { adminToken: secret(), internalSecret: secret() };
  const adminToken = process.env['ADMIN_TOKEN'] ?? saved.adminToken;
  const secretsKey = process.env['SECRETS_KEY'] ?? saved.secretsKey ?? secret();
  return { ...saved, adminToken, secretsKey };
}

/**
 * @param {string} folder
 * @returns {SavedStart | undefined}
 */
export function findStart(folder) {
  const file = path.join(folder, FILE);
  return existsSync(file) ? /** @type {SavedStart} */ (readJson(file)) : undefined;
}

/**
 * For the eyes of its owner only: it holds tokens.
 *
 * @param {string} folder
 * @param {SavedStart} saved
 */
export function saveStart(folder, saved) {
  const file = path.join(folder, FILE);
  const draft = `${file}.draft`;
  writeFileSync(draft, `${JSON.stringify(saved, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(draft, file);
}

function secret() {
  return randomBytes(32).toString('hex');
}
