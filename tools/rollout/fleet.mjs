import { setTimeout as delay } from 'node:timers/promises';
import { say } from '../project/say.mjs';
import { startMember } from './member.mjs';

/** The pause between the last request of a load balancer to a process and the SIGTERM, in milliseconds. */
const PAUSE_BEFORE_STOP_MS = 1_000;

/** The number of processes of each app, as in the chart. */
const REPLICAS = 2;

/**
 * Two processes of each app, replaced one by one: the new one is ready before an old one stops (`maxUnavailable: 0`,
 * `maxSurge: 1`), and no request goes to a process that is about to stop.
 */
export class Fleet {
  /** @type {Record<import('../project/build.mjs').App, import('./member.mjs').Member[]>} */
  #members = { listener: [], 'workflow-executor': [] };
  #settings;
  #folder;
  /** @type {string[]} how each stopped process ended */
  ended = [];

  /**
   * @param {(executorUrl: string) => Record<import('../project/build.mjs').App, Record<string, string>>} settings
   * @param {string} folder of the logs
   */
  constructor(settings, folder) {
    this.#settings = settings;
    this.#folder = folder;
  }

  /** @returns {readonly string[]} where events may be sent to now */
  get listenerUrls() {
    return this.#members.listener.map(({ url }) => url);
  }

  get executorUrl() {
    return this.#members['workflow-executor'].at(-1)?.url ?? '';
  }

  /** @param {import('./release.mjs').Release} release */
  async start(release) {
    for (const app of /** @type {const} */ (['workflow-executor', 'listener'])) {
      for (let n = 0; n < REPLICAS; n += 1) await this.#add(app, release);
    }
  }

  /**
   * @param {import('./release.mjs').Release} release
   * @param {readonly import('../project/build.mjs').App[]} order
   */
  async replaceWith(release, order) {
    for (const app of order) {
      for (const old of [...this.#members[app]]) {
        await this.#add(app, release);
        await this.#remove(old);
      }
      say(`${app}: ${release.name}`);
    }
  }

  async stop() {
    for (const app of /** @type {const} */ (['listener', 'workflow-executor'])) {
      for (const member of [...this.#members[app]]) await this.#remove(member);
    }
  }

  /**
   * @param {import('../project/build.mjs').App} app
   * @param {import('./release.mjs').Release} release
   */
  async #add(app, release) {
    const settings = this.#settings(this.executorUrl)[app];
    this.#members[app].push(await startMember(app, release, settings, this.#folder));
  }

  /** @param {import('./member.mjs').Member} member */
  async #remove(member) {
    this.#members[member.app] = this.#members[member.app].filter((each) => each !== member);
    await delay(PAUSE_BEFORE_STOP_MS);
    this.ended.push(`${member.app} ${member.release} ${await member.stop()}`);
  }
}
