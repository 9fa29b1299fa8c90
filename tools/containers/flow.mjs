import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { projectRoot } from '../project/project-root.mjs';
import { readJson } from '../project/read-json.mjs';
import { waitFor } from '../project/wait-for.mjs';
import { ApiClient } from '../start/api-client.mjs';

const HELLO = path.join(projectRoot, 'examples/workflows/hello.json');
const RUN_MS_MAX = 120_000;

/**
 * Creates the first workflow and its token, and sends events, as README.md describes.
 */
export class Flow {
  /** @type {string[]} */
  accepted = [];
  #project;
  #token = '';

  /** @param {import('./compose-project.mjs').ComposeProject} project */
  constructor(project) {
    this.#project = project;
  }

  get #api() {
    return new ApiClient(this.#project.apiUrl, this.#project.env['ADMIN_TOKEN'] ?? '');
  }

  async begin() {
    await this.#api.post('/api/v2/workflows', readJson(HELLO));
    const made = await this.#api.post('/api/v2/workflows/hello/tokens', { label: 'check' });
    this.#token = String(/** @type {{ token: unknown }} */ (made).token);
  }

  /**
   * @param {number} [bytes] the size of filler text in the data
   * @returns {Promise<number>} the status; of a 202 the activity is kept for `allSucceeded`
   */
  async send(bytes = 0) {
    const answer = await fetch(`${this.#project.listenerUrl}/api/v2/event`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${this.#token}`,
        'content-type': 'application/cloudevents+json',
      },
      body: JSON.stringify({
        specversion: '1.0',
        type: 'org.example.checked',
        source: '/check',
        id: randomUUID(),
        subject: '/hello',
        data: { inputs: { key: 'check' }, ...(bytes > 0 && { filling: 'x'.repeat(bytes) }) },
      }),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await answer.text();
    if (answer.status === 202) {
      /** @type {unknown} */
      const receipt = JSON.parse(text);
      this.accepted.push(String(/** @type {{ activityid: unknown }} */ (receipt).activityid));
    }
    return answer.status;
  }

  /** Sends an event until it is accepted. */
  async sendUntilAccepted() {
    await waitFor('an event to be accepted', async () => (await this.send()) === 202 || undefined, {
      timeoutMs: RUN_MS_MAX,
    });
  }

  /** @returns {Promise<string>} the number of accepted events; rejects if a run has not succeeded in time */
  async allSucceeded() {
    for (const id of this.accepted) {
      await waitFor(
        `activity ${id} to succeed`,
        async () => {
          const activity = await this.#api.get(`/api/v2/activities/${id}`);
          return /** @type {{ status: unknown }} */ (activity).status === 'succeeded' || undefined;
        },
        { timeoutMs: RUN_MS_MAX },
      );
    }
    return `${this.accepted.length} events`;
  }
}
