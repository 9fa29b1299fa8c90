import process from 'node:process';

/**
 * What both apps of one system must agree on.
 *
 * @typedef {object} SystemSettings
 * @property {string} mongodbUrl with the database
 * @property {import('./options.mjs').Driver} driver
 * @property {string | undefined} natsUrl
 * @property {string} internalSecret shared by the two apps
 * @property {string} adminToken
 * @property {string | undefined} [secretsKey] what secrets are stored encrypted with; there can be none without it
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
 * In MiB, what Node grants new objects before it looks which of them are still in use: twice its own default, for
 * some 50 MiB more memory of each app. Most of what an event needs is over with the batch that it is written in.
 */
const SEMI_SPACE_MEBIBYTES = 32;

/**
 * What Node is told, unless whoever starts us says something else.
 *
 * @returns {Record<string, string>} environment variables of either app
 */
export function nodeSettings() {
  return {
    NODE_OPTIONS: process.env['NODE_OPTIONS'] ?? `--max-semi-space-size=${SEMI_SPACE_MEBIBYTES}`,
  };
}
