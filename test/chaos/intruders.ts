import { setTimeout as delay } from 'node:timers/promises';
import { type Answer } from '../support/answer.js';
import { type CreatedWorkflow } from '../support/flow-api.js';
import { type SendOptions, sendStructured, sendWebhook } from '../support/send.js';
import { type Dice } from './dice.js';
import { type Intrusion, INTRUSIONS } from './intrusion.js';
import { type RequestLog } from './request-log.js';

const WAYS = Object.keys(INTRUSIONS) as readonly Intrusion[];
/** Between two attempts, in milliseconds. */
const REST_MS_MAX = 300;
const ANSWER_MS_MAX = 20_000;

/** Sends requests that must be rejected, of every kind and to every ingress, until it is stopped. */
export class Intruders {
  readonly #running: Promise<void>;
  #stopped = false;

  constructor(
    private readonly listenerUrl: string,
    private readonly workflows: readonly CreatedWorkflow[],
    private readonly dice: Dice,
    private readonly log: RequestLog,
  ) {
    this.#running = this.#intrudeUntilStopped();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #intrudeUntilStopped(): Promise<void> {
    for (let n = 1; !this.#stopped; n += 1) {
      const way = WAYS[n % WAYS.length] as Intrusion;
      const { workflowId, token } = this.#disguise(way);
      await this.log.note({ who: way, workflowId }, () => this.#intrude(n, workflowId, token));
      await delay(this.dice.below(REST_MS_MAX));
    }
  }

  #disguise(way: Intrusion): { readonly workflowId: string; readonly token?: string } {
    const at = this.dice.below(this.workflows.length);
    const { id, token } = this.workflows[at] as CreatedWorkflow;
    const other = this.workflows[(at + 1) % this.workflows.length] as CreatedWorkflow;
    switch (way) {
      case 'no token':
        return { workflowId: id };
      case 'a wrong token':
        return { workflowId: id, token: `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}` };
      case "another workflow's token":
        return { workflowId: id, token: other.token };
      case 'an unknown workflow':
        return { workflowId: `unknown-${this.dice.below(10)}`, token };
    }
  }

  /** An event by its subject, an event by the query, or a webhook. */
  #intrude(n: number, workflowId: string, token: string | undefined): Promise<Answer> {
    const options: SendOptions = {
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
      ...(token !== undefined && { token }),
    };
    const ingress = this.dice.below(3);
    if (ingress === 0) return sendWebhook(this.listenerUrl, workflowId, { n: 'intruder' }, options);
    const event = {
      specversion: '1.0',
      type: 'io.boomerang.eventing.custom',
      source: '/intruder',
      id: `intruder-${n}`,
      subject: `/${workflowId}`,
      data: { n: 'intruder' },
    };
    const query = new URLSearchParams({ ref: workflowId });
    const path = ingress === 1 ? `/api/v2/event?${query.toString()}` : '/listener/event';
    return sendStructured(this.listenerUrl, event, { ...options, path });
  }
}
