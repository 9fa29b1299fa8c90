import { randomUUID } from 'node:crypto';
import { setInterval as every } from 'node:timers/promises';

const ANSWER_MS_MAX = 10_000;

/**
 * @typedef {object} Sent
 * @property {string} phase
 * @property {number | string} answer the status, or why there was none
 * @property {number} tookMs
 * @property {string | undefined} activityId
 */

/** Sends each event once, at an even rate, to the listeners in turn, and records the answers. */
export class Sender {
  /** @type {Sent[]} */
  sent = [];
  phase = '';
  #options;
  /** @type {Set<Promise<void>>} */
  #open = new Set();
  #stopped = new AbortController();
  #running;

  /** @param {{ urls: () => readonly string[], workflowId: string, token: string, perSecond: number }} options */
  constructor(options) {
    this.#options = options;
    this.#running = this.#run();
  }

  async stop() {
    this.#stopped.abort();
    await this.#running;
    await Promise.all(this.#open);
  }

  async #run() {
    let turn = 0;
    try {
      const ticks = every(1000 / this.#options.perSecond, 1, { signal: this.#stopped.signal });
      for await (const step of ticks) {
        const urls = this.#options.urls();
        turn += step;
        const sending = this.#send(urls[turn % urls.length] ?? '').finally(() => {
          this.#open.delete(sending);
        });
        this.#open.add(sending);
      }
    } catch (error) {
      if (!this.#stopped.signal.aborted) throw error;
    }
  }

  /** @param {string} url */
  async #send(url) {
    const { phase } = this;
    const { workflowId, token } = this.#options;
    const began = performance.now();
    /** @type {number | string} */
    let answer;
    /** @type {string | undefined} */
    let activityId;
    try {
      const response = await fetch(`${url}/listener/event`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'ce-specversion': '1.0',
          'ce-id': randomUUID(),
          'ce-source': '/rollout',
          'ce-type': 'rollout',
          'ce-subject': `/${workflowId}`,
        },
        body: '{"n":1}',
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
      });
      answer = response.status;
      activityId = response.status === 202 ? await activityIdIn(response) : undefined;
    } catch (error) {
      answer = reasonOf(error);
    }
    this.sent.push({ phase, answer, tookMs: performance.now() - began, activityId });
  }
}

/**
 * @param {unknown} error of `fetch`, which has the system's as its cause
 * @returns {string}
 */
function reasonOf(error) {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

/**
 * @param {Response} response
 * @returns {Promise<string | undefined>}
 */
async function activityIdIn(response) {
  /** @type {unknown} */
  const receipt = await response.json();
  return /** @type {{ activityid?: string }} */ (receipt).activityid;
}
