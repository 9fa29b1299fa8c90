import { parseArgs } from 'node:util';
import { messageOf } from '../project/say.mjs';

/** @typedef {'nats' | 'http'} Driver */

/**
 * @typedef {object} StartOptions
 * @property {boolean} help
 * @property {boolean} json
 * @property {Driver} driver
 * @property {string} [dataDir]
 * @property {number} [port]
 * @property {number} [executorPort]
 * @property {string} [mongodbUrl]
 * @property {string} [natsUrl]
 */

export const USAGE = `Usage: npm start -- [options]

Starts MongoDB, NATS, the listener and the workflow executor with a sample workflow, and
says where everything is. Installs, downloads and builds first what is missing. Ctrl-C ends it all.

  --data-dir <folder>      keep data and logs there (default: .data)
  --port <port>            of the listener (default: 7720, or a free one if that is taken)
  --executor-port <port>   of the executor's API (default: 7730, or a free one if that is taken)
  --mongodb-url <url>      use this MongoDB (a replica set) instead of starting one
  --nats-url <url>         use this nats-server (with JetStream) instead of starting one
  --driver <nats|http>     how the listener tells the executor of events (default: nats);
                           http needs no NATS at all
  --json                   when all is ready, print one line of JSON on standard output,
                           and nothing else there (npm adds lines of its own unless it
                           is told not to: npm start --silent -- --json)
  --help                   print this

Environment:
  MONGOD_BINARY            a mongod program to start, 6.0 or newer
  NATS_SERVER_BINARY       a nats-server program to start, 2.10 or newer
  SERVERS_CACHE_DIR        where downloaded servers are kept (default: .cache/servers)
  ADMIN_TOKEN              the token of the API's administrator (default: made at the first start)
  SECRETS_KEY              what secrets are stored encrypted with (default: made at the first
                           start; with --mongodb-url there is none)
  HTTP_TASK_ALLOWED_NETWORKS
                           networks that tasks may call although they are not public, such as
                           127.0.0.0/8 for services on this machine
  any other setting of docs/configuration.md, such as LOG_LEVEL, for both apps
`;

/** The command line has errors. */
export class OptionsInvalidError extends Error {
  /** @param {readonly string[]} problems */
  constructor(problems) {
    super([...problems, 'npm start -- --help says what can be set.'].join('\n'));
    this.name = 'OptionsInvalidError';
  }
}

/**
 * @param {string[]} args
 * @returns {StartOptions}
 * @throws {OptionsInvalidError} with all errors
 */
export function parseOptions(args) {
  const values = parseValues(args);
  /** @type {string[]} */
  const problems = [];
  const driver = values.driver === 'http' ? 'http' : 'nats';
  if (values.driver !== driver) problems.push(`--driver is nats or http, not "${values.driver}"`);
  if (driver === 'http' && values['nats-url']) problems.push('--nats-url needs --driver nats');
  checkUrl('--mongodb-url', values['mongodb-url'], ['mongodb:', 'mongodb+srv:'], problems);
  checkUrl('--nats-url', values['nats-url'], ['nats:', 'tls:'], problems);
  const port = parsePort('--port', values.port, problems);
  const executorPort = parsePort('--executor-port', values['executor-port'], problems);
  if (port !== undefined && port === executorPort)
    problems.push('--port and --executor-port differ');
  if (problems.length > 0) throw new OptionsInvalidError(problems);
  return {
    help: values.help,
    json: values.json,
    driver,
    ...(values['data-dir'] !== undefined && { dataDir: values['data-dir'] }),
    ...(port !== undefined && { port }),
    ...(executorPort !== undefined && { executorPort }),
    ...(values['mongodb-url'] !== undefined && { mongodbUrl: values['mongodb-url'] }),
    ...(values['nats-url'] !== undefined && { natsUrl: values['nats-url'] }),
  };
}

/** @param {string[]} args */
function parseValues(args) {
  try {
    return parseArgs({
      args,
      options: {
        help: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        driver: { type: 'string', default: 'nats' },
        'data-dir': { type: 'string' },
        port: { type: 'string' },
        'executor-port': { type: 'string' },
        'mongodb-url': { type: 'string' },
        'nats-url': { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new OptionsInvalidError([messageOf(error)]);
  }
}

/**
 * @param {string} option
 * @param {string | undefined} text
 * @param {string[]} problems
 * @returns {number | undefined}
 */
function parsePort(option, text, problems) {
  if (text === undefined) return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  problems.push(`${option} is a number from 1 to 65535, not "${text}"`);
  return undefined;
}

/**
 * @param {string} option
 * @param {string | undefined} text
 * @param {readonly string[]} schemes
 * @param {string[]} problems
 */
function checkUrl(option, text, schemes, problems) {
  if (text === undefined || schemes.some((scheme) => text.startsWith(`${scheme}//`))) return;
  problems.push(`${option} starts with ${schemes.map((scheme) => `${scheme}//`).join(' or ')}`);
}
