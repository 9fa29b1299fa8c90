import { say } from '../project/say.mjs';
import { isPortFree } from '../servers/free-port.mjs';

const LISTENER_PORT = 7720;
const EXECUTOR_PORT = 7730;
const LISTENER_OPERATIONS_PORT = 7721;
const EXECUTOR_OPERATIONS_PORT = 7731;

/**
 * @typedef {object} Ports
 * @property {number | undefined} listener undefined for any free port
 * @property {number | undefined} executor
 * @property {number | undefined} listenerOperations
 * @property {number | undefined} executorOperations
 * @property {number | undefined} mongodb
 * @property {number | undefined} nats
 */

/**
 * The ports of the options, otherwise the default ports, otherwise any. MongoDB and NATS get those of the last start: a
 * worker of the user has the address of NATS in its settings.
 *
 * @param {import('./options.mjs').StartOptions} options
 * @param {import('./saved-start.mjs').StorePorts} [lastStores]
 * @returns {Promise<Ports>}
 * @throws {Error} if a port of the options is in use
 */
export async function choosePorts({ port, executorPort }, { mongodb, nats } = {}) {
  return {
    listener: await choosePort('--port', port, LISTENER_PORT),
    executor: await choosePort('--executor-port', executorPort, EXECUTOR_PORT),
    listenerOperations: await ifFree(LISTENER_OPERATIONS_PORT),
    executorOperations: await ifFree(EXECUTOR_OPERATIONS_PORT),
    mongodb: await ifFree(mongodb),
    nats: await ifFree(nats),
  };
}

/**
 * @param {string} option
 * @param {number | undefined} wanted
 * @param {number} usual
 */
async function choosePort(option, wanted, usual) {
  const port = wanted ?? usual;
  if (await isPortFree(port)) return port;
  if (wanted === undefined) {
    say(`Port ${usual} is taken: using another. Choose one with ${option}.`);
    return undefined;
  }
  throw new Error(
    `Port ${port} is taken by another program. Stop that one, or choose another port with ${option}.`,
  );
}

/**
 * These ports are chosen freely if the wanted one is in use: the report shows them.
 *
 * @param {number | undefined} port
 */
async function ifFree(port) {
  return port !== undefined && (await isPortFree(port)) ? port : undefined;
}
