import { randomBytes } from 'node:crypto';
import path from 'node:path';
import process from 'node:process';
import { projectRoot } from '../project/project-root.mjs';
import { freePort } from '../servers/free-port.mjs';
import { commandAnswer } from '../project/run-command.mjs';

/** The time for a command, which may include a pull and two builds. */
const COMMAND_MS_MAX = 20 * 60_000;
/** How much of what a failed command said is shown: its end. */
const SAID_CHARACTERS_MAX = 2000;

const SECRETS = [
  'MONGODB_ROOT_PASSWORD',
  'MONGODB_PASSWORD',
  'REPLICA_SET_KEY',
  'NATS_PASSWORD',
  'NATS_ROUTES_PASSWORD',
  'INTERNAL_SECRET',
  'ADMIN_TOKEN',
  'SECRETS_KEY',
];

/** @typedef {import('../project/run-command.mjs').CommandAnswer} CommandAnswer */

/** @returns {Promise<string | undefined>} why there is no engine to run containers on */
export async function engineOrReason() {
  try {
    const engine = await docker(['version', '--format', '{{.Server.Version}}']);
    if (engine.code !== 0) return `no Docker engine answers: ${engine.complaint.trim()}`;
    const compose = await docker(['compose', 'version', '--short']);
    return compose.code === 0 ? undefined : 'docker has no compose plugin';
  } catch (error) {
    return `docker can't be run: ${String(error)}`;
  }
}

/** A compose file as a separate project, with its own secrets and ports. */
export class ComposeProject {
  /** @type {Record<string, string>} */
  env = Object.fromEntries(SECRETS.map((name) => [name, randomBytes(32).toString('hex')]));
  #files;
  #name;

  /** @param {{ name: string, file: string }} form */
  constructor({ name, file }) {
    const folder = process.env['CHECK_CONTAINERS_OVERRIDES'];
    this.#name = name;
    this.#files = folder === undefined ? [file] : [file, path.join(folder, file)];
    // A password that looks like a number must work, too.
    this.env['NATS_PASSWORD'] = '12345678901234567890e12';
  }

  async choosePorts() {
    this.env['LISTENER_PORT'] = `127.0.0.1:${await freePort()}`;
    this.env['EXECUTOR_PORT'] = `127.0.0.1:${await freePort()}`;
  }

  get listenerUrl() {
    return `http://${this.env['LISTENER_PORT'] ?? ''}`;
  }

  get apiUrl() {
    return `http://${this.env['EXECUTOR_PORT'] ?? ''}`;
  }

  /**
   * @param {readonly string[]} args
   * @returns {Promise<string>} what it printed; rejects if it fails
   */
  async compose(...args) {
    const { code, printed, complaint } = await this.tryCompose(...args);
    if (code === 0) return printed;
    // The reason why a build failed is on standard output.
    const said = (printed + complaint).slice(-SAID_CHARACTERS_MAX);
    throw new Error(`docker compose ${args.join(' ')} ended with ${code}: ${said}`);
  }

  /**
   * @param {readonly string[]} args
   * @returns {Promise<CommandAnswer>}
   */
  tryCompose(...args) {
    const files = this.#files.flatMap((file) => ['-f', file]);
    // The .env file of the developer is not read.
    const own = ['compose', '--env-file', '/dev/null', '-p', this.#name, ...files];
    return docker([...own, ...args], this.env);
  }

  /**
   * @param {string} service
   * @returns {Promise<string>} the id of its first container
   */
  async container(service) {
    const [id = ''] = (await this.compose('ps', '-aq', service)).trim().split('\n');
    if (id === '') throw new Error(`${service} has no container`);
    return id;
  }

  /**
   * @param {string} service
   * @returns {Promise<string>} what it logged
   */
  logs(service) {
    return this.compose('logs', '--no-log-prefix', service);
  }

  /** Removes the project with its volumes. */
  async remove() {
    await this.compose('down', '--volumes', '--remove-orphans', '--timeout', '30');
  }
}

/**
 * @param {readonly string[]} args
 * @param {Readonly<Record<string, string>>} [env]
 * @returns {Promise<CommandAnswer>}
 */
export function docker(args, env = {}) {
  return commandAnswer('docker', args, {
    cwd: projectRoot,
    env: { ...process.env, ...env },
    timeoutMs: COMMAND_MS_MAX,
  });
}
