import process from 'node:process';

/**
 * The settings that both apps of a system share.
 *
 * @typedef {object} SystemSettings
 * @property {string} mongodbUrl with the database
 * @property {import('./options.mjs').Driver} driver
 * @property {string | undefined} natsUrl
 * @property {string} internalSecret shared by the two apps
 * @property {string} adminToken
 * @property {string | undefined} [secretsKey] the key of stored secrets; without it the system stores no secrets
 */

/**
 * @param {SystemSettings} system
 * @param {string} executorUrl
 * @returns {Record<string, string>} environment variables of the executor
 */
export function executorSettings(system, executorUrl) {
  return { ...commonSettings(system, executorUrl), ADMIN_TOKEN: system.adminToken };
}

/**
 * @param {SystemSettings} system
 * @param {string} executorUrl
 * @returns {Record<string, string>} environment variables of the listener
 */
export function listenerSettings(system, executorUrl) {
  return { ...commonSettings(system, executorUrl), EXECUTOR_URL: executorUrl };
}

/**
 * @param {SystemSettings} system
 * @param {string} executorUrl
 */
function commonSettings({ mongodbUrl, driver, natsUrl, internalSecret, secretsKey }, executorUrl) {
  return {
    MONGODB_URL: mongodbUrl,
    EVENTING_DRIVER: driver,
    ...(natsUrl !== undefined && { NATS_URL: natsUrl }),
    INTERNAL_SECRET: internalSecret,
    ...(secretsKey !== undefined && { SECRETS_KEY: secretsKey }),
    PUBLIC_API_URL: executorUrl,
  };
}

/**
 * The semi-space size in MiB: twice Node's default. Most objects of an event are garbage when its batch is written, so a
 * larger space copies fewer of them. Each app takes some 50 MiB more memory for it.
 */
const SEMI_SPACE_MEBIBYTES = 32;

/**
 * The options of Node, unless NODE_OPTIONS is set.
 *
 * @returns {Record<string, string>} environment variables of either app
 */
export function nodeSettings() {
  return {
    NODE_OPTIONS: process.env['NODE_OPTIONS'] ?? `--max-semi-space-size=${SEMI_SPACE_MEBIBYTES}`,
  };
}
