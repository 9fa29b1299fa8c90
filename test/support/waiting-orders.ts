import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { waitFor } from '../../tools/project/wait-for.mjs';
import { type Answer, ask, type Asking } from './answer.js';
import { type ActivityView, type CreatedWorkflow } from './flow-api.js';
import { FlowSystem, type FlowSystemOptions } from './flow-system.js';

const DOCS = path.resolve(import.meta.dirname, '../../docs/workflows.md');

/** Runs that wait for a payment by the key of their order: the example under "By topic and key" in the docs. */
export class WaitingOrders {
  #workflows = 0;

  private constructor(
    readonly system: FlowSystem,
    private readonly example: object,
    /** The event that the example sends. */
    readonly payment: Readonly<Record<string, unknown>>,
  ) {}

  static async start(listenerEnv: FlowSystemOptions['listenerEnv'] = {}): Promise<WaitingOrders> {
    const docs = await readFile(DOCS, 'utf8');
    const [, section = ''] = docs.split('### By topic and key');
    const example = parse(/```yaml\n([^`]+)```/.exec(section)?.[1] ?? '') as object;
    const [, sent = '{}'] = /-d '([^']+)'/.exec(section) ?? [];
    const executorEnv = { LEASE_MS: '1000', SWEEP_INTERVAL_MS: '200', NATS_ACK_WAIT_MS: '1000' };
    const system = await FlowSystem.start({ servers: 'shared', listenerEnv, executorEnv });
    return new WaitingOrders(system, example, JSON.parse(sent) as Record<string, unknown>);
  }

  async aWorkflow(changes: object = {}): Promise<CreatedWorkflow> {
    this.#workflows += 1;
    const name = `order-${this.#workflows}`;
    return this.system.api.createWorkflow({ ...this.example, name, ...changes });
  }

  /** A store that is busy with other tests is a 503, and a sender comes again. */
  send(route: string, asking: Asking): Promise<Answer> {
    return waitFor('an answer', async () => {
      const answer = await ask(`${this.system.listenerUrl}${route}`, asking);
      return answer.status === 503 ? undefined : answer;
    });
  }

  post(event: object, token: string, route = '/api/v2/events'): Promise<Answer> {
    const headers = { 'content-type': 'application/cloudevents+json' };
    return this.send(route, { method: 'POST', token, headers, body: event });
  }

  paid(key: string, changes: object = {}): Record<string, unknown> {
    return { ...this.payment, id: randomUUID(), correlationid: key, ...changes };
  }

  /** A run of the example for this order; its activity. */
  async place(key: string, { id, token }: CreatedWorkflow): Promise<string> {
    const event = {
      ...{ specversion: '1.0', id: randomUUID(), source: '/shop', type: 'com.shop.order.placed' },
      data: { order: key },
    };
    const answer = await this.post(event, token, `/api/v2/event?ref=${id}`);
    expect(answer).toMatchObject({ status: 202 });
    return (answer.body as { readonly activityid: string }).activityid;
  }

  /** Until it waits for its payment, and has looked for what came before. */
  waiting(id: string): Promise<ActivityView> {
    return waitFor(`the wait of ${id}`, async () => {
      const activity = await this.system.api.activity(id);
      const kinds = activity?.waitingFor?.map(({ kind }) => kind) ?? [];
      return kinds.includes('event') && !kinds.includes('delivery') ? activity : undefined;
    });
  }

  async isPaid(id: string): Promise<void> {
    expect(await this.system.api.untilFinal(id)).toMatchObject({
      status: 'succeeded',
      results: { paid: this.payment['data'] },
    });
  }
}

/** Of an order that no other test has. */
export function aKey(): string {
  return `order-${randomUUID()}`;
}
