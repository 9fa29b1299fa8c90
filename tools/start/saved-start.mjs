import { randomBytes } from 'node:crypto';
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { readJson } from '../project/read-json.mjs';

const FILE = 'start.json';

/**
 * What a start saves for the next start and for `tools/activity.mjs`.
 *
 * @typedef {object} SavedStart
 * @property {string} adminToken
 * @property {string} internalSecret
 * @property {string} [secretsKey] absent in files of earlier versions
 * @property {string} [executorUrl] of the last start
 * @property {StorePorts} [storePorts] of the servers that the last start began
 * @property {SampleAccess} [sample]
 *
 * @typedef {object} SampleAccess
 * @property {string} workflowId
 * @property {string} tokenId
 * @property {string} token
 *
 * @typedef {object} StorePorts
 * @property {number} [mongodb]
 * @property {number} [nats]
 */

/**
 * @param {string} folder
 * @returns {SavedStart & { secretsKey: string }} with new secrets at the first start
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
 * Writes the file readable for its owner only, because it has tokens.
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
