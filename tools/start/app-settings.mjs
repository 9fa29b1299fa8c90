/**
 * What both apps of one system must agree on.
 *
 * @typedef {object} SystemSettings
 * @property {string} mongodbUrl with the database
 * @property {import('./options.mjs').Driver} driver
 * @property {string | undefined} natsUrl
 * @property {string} internalSecret shared by the two apps
 * @property {string} adminToken
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
function commonSettings({ mongodbUrl, driver, natsUrl, internalSecret }, executorUrl) {
  return {
    MONGODB_URL: mongodbUrl,
    EVENTING_DRIVER: driver,
    ...(natsUrl !== undefined && { NATS_URL: natsUrl }),
    INTERNAL_SECRET: internalSecret,
    PUBLIC_API_URL: executorUrl,
  };
}
