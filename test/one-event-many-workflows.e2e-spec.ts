import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { waitFor } from '../tools/project/wait-for.mjs';
import { type Answer, ask } from './support/answer.js';
import { chain, setProperty } from './support/definitions.js';
import { type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';

jest.setTimeout(300_000);

interface Receipt {
  readonly activities: readonly {
    readonly workflowId: string;
    readonly activityid: string;
    readonly replayed: boolean;
  }[];
  readonly notMatched?: readonly { readonly workflowId: string; readonly reason: string }[];
}

let system: FlowSystem;
let orders: CreatedWorkflow;
let everything: string;
let others: string;

beforeAll(async () => {
  system = await FlowSystem.start({ servers: 'shared' });
  orders = await system.api.createWorkflow(workflow('orders', { prefix: { type: 'order.' } }));
  everything = await sharing('everything', undefined);
  others = await sharing('others', { not: { prefix: { type: 'order.' } } });
});

afterAll(() => system.stop());

function workflow(name: string, filter: object | undefined): Readonly<Record<string, unknown>> {
  return {
    ...chain(`many-${name}`, [setProperty('keep', 'kept', { id: '$(params.event.id)' })]),
    triggers: { event: { enabled: true, ...(filter && { filter }) } },
  };
}

function share(id: string, token: string): Promise<Answer> {
  return ask(`${system.executorUrl}/api/v2/workflows/${id}/tokens`, {
    method: 'POST',
    token: system.adminToken,
    body: { label: 'shared', token },
  });
}

/** One more workflow that the token of `orders` may start. */
async function sharing(name: string, filter: object | undefined): Promise<string> {
  const { id } = await system.api.createWorkflow(workflow(name, filter));
  expect(await share(id, orders.token)).toMatchObject({
    status: 201,
    body: { token: orders.token },
  });
  return id;
}

function send(event: object, query = '', token = orders.token): Promise<Answer> {
  return ask(`${system.listenerUrl}/api/v2/events${query}`, {
    method: 'POST',
    token,
    headers: { 'content-type': 'application/cloudevents+json' },
    body: { specversion: '1.0', id: randomUUID(), source: '/shop', data: { n: 1 }, ...event },
  });
}

const workflowsOf = ({ body }: Answer): readonly string[] =>
  (body as Receipt).activities.map(({ workflowId }) => workflowId).toSorted();

describe('POST /api/v2/events', () => {
  it('starts every workflow of the token whose filter matches, each with an activity', async () => {
    const answer = await send({ id: 'first', type: 'order.placed' });

    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({ id: 'first', type: 'order.placed' });
    expect(answer.body).not.toHaveProperty('notMatched');
    expect(workflowsOf(answer)).toEqual([orders.id, everything].toSorted());
    for (const { activityid, workflowId } of (answer.body as Receipt).activities)
      expect(await system.api.untilFinal(activityid)).toMatchObject({
        workflowId,
        status: 'succeeded',
        event: { id: 'first' },
      });
  });

  it('gives the reasons for the other workflows, if asked', async () => {
    const { status, body } = await send({ type: 'order.placed' }, '?explain=true');

    expect(status).toBe(202);
    expect((body as Receipt).notMatched).toEqual([
      {
        workflowId: others,
        reason: expect.stringContaining('filter.not.prefix.type holds ("order.")') as unknown,
      },
    ]);
  });

  it('starts no workflow twice, and starts missing ones when the event is sent again', async () => {
    const event = { id: 'again', type: 'order.paid' };
    const first = (await send(event)).body as Receipt;
    const late = await sharing('late', { exact: { type: 'order.paid' } });

    // The listener hears of it within a second, and none of the others starts again meanwhile.
    const second = await waitFor('the listener to know of one workflow more', async () => {
      const receipt = (await send(event)).body as Receipt;
      return receipt.activities.some(({ workflowId }) => workflowId === late) ? receipt : undefined;
    });

    expect(second.activities.filter(({ workflowId }) => workflowId !== late)).toEqual(
      first.activities.map((one) => ({ ...one, replayed: true })),
    );
    expect(second.activities.filter(({ workflowId }) => workflowId === late)).toMatchObject([
      { replayed: false },
    ]);
  });

  it('is 200 if no filter matches', async () => {
    const own = await system.api.createWorkflow(workflow('alone', { exact: { type: 'never' } }));

    expect(await send({ type: 'x' }, '?explain=true', own.token)).toMatchObject({
      status: 200,
      body: { activities: [], notMatched: [{ workflowId: own.id }] },
    });
  });

  it.each([
    ['a wrong token', '', { token: `bfw_${'x'.repeat(43)}` }, 403, 'TOKEN_INVALID'],
    ['a workflow in the URL', '?ref=orders', {}, 400, 'QUERY_INVALID'],
    ['no valid question', '?explain=yes', {}, 400, 'QUERY_INVALID'],
    ['no valid event', '', { event: { type: '' } }, 400, 'EVENT_INVALID'],
  ])(
    'is refused with %s',
    async (
      _what,
      query,
      { token, event = { type: 'a' } }: { token?: string; event?: object },
      status,
      code,
    ) => {
      expect(await send(event, query, token)).toMatchObject({ status, body: { code } });
    },
  );

  it('refuses a batch', async () => {
    const answer = await ask(`${system.listenerUrl}/api/v2/events`, {
      method: 'POST',
      token: orders.token,
      headers: { 'content-type': 'application/cloudevents-batch+json' },
      body: '[]',
    });

    expect(answer).toMatchObject({ status: 415, body: { code: 'BATCH_FOR_ONE' } });
  });
});

describe('a token that is shared', () => {
  it('starts each of its workflows by name, also one that has just got the token', async () => {
    const id = await sharing('by-name', undefined);
    const answer = await ask(`${system.listenerUrl}/api/v2/webhook?ref=${everything}`, {
      method: 'POST',
      token: orders.token,
      body: {},
    });
    const named = await ask(`${system.listenerUrl}/api/v2/event?ref=${id}`, {
      method: 'POST',
      token: orders.token,
      headers: { 'content-type': 'application/cloudevents+json' },
      body: { specversion: '1.0', id: 'by-name', source: '/shop', type: 'x' },
    });

    // Its trigger webhook is off: the token was right.
    expect(answer).toMatchObject({ status: 403, body: { code: 'TRIGGER_OFF' } });
    expect(named.status).toBe(202);
  });

  it.each([
    ['has another form', 'secret'],
    ['does not exist', `bfw_${'y'.repeat(43)}`],
  ])('is refused if it %s', async (_what, token) => {
    expect(await share(orders.id, token)).toMatchObject({
      status: 400,
      body: { code: 'BODY_INVALID', errors: [{ path: 'token' }] },
    });
  });
});
