import { jest } from '@jest/globals';
import { waitFor } from '../tools/project/wait-for.mjs';
import { type Answer, ask } from './support/answer.js';
import { type CreatedWorkflow } from './support/flow-api.js';
import { aKey, WaitingOrders } from './support/waiting-orders.js';

jest.setTimeout(300_000);

const TOPIC = 'com.pay.settled';
const EARLY_EVENTS_MAX = 3;

let orders: WaitingOrders;
let order: CreatedWorkflow;

beforeAll(async () => {
  orders = await WaitingOrders.start({ EARLY_EVENTS_MAX: String(EARLY_EVENTS_MAX) });
});

afterAll(() => orders.system.stop());

beforeEach(async () => {
  order = await orders.aWorkflow();
});

const post = (event: object, route?: string, token = order.token): Promise<Answer> =>
  orders.post(event, token, route);
const place = (key: string, workflow = order): Promise<string> => orders.place(key, workflow);

describe('an event with the key that a run waits for', () => {
  it('reaches the run without the id of its activity, as the documents show', async () => {
    const order1 = String(orders.payment['correlationid']);
    const id = await place(order1);
    await orders.waiting(id);

    const answer = await post(orders.payment);

    expect(answer).toMatchObject({
      status: 202,
      body: { activities: [], signalled: [{ workflowId: order.id, activityid: id }] },
    });
    await orders.isPaid(id);
  });

  it('may come before its wait or its run, also if the executor dies in between', async () => {
    const order1 = aKey();
    expect(await post(orders.paid(order1))).toMatchObject({
      status: 202,
      body: { kept: [{ workflowId: order.id, until: expect.any(String) as string }] },
    });
    await orders.system.executors[0].kill();
    const id = await place(order1);
    await orders.system.executors[0].restart();

    await orders.isPaid(id);
    const second = await place(order1);
    await orders.waiting(second);
  });

  it('reaches all runs that wait for it, and none of another key, topic or workflow', async () => {
    const [order1, order2] = [aKey(), aKey()];
    const other = await orders.aWorkflow();
    const ours = [await place(order1), await place(order1)];
    const others = [await place(order2), await place(order1, other)];
    for (const id of [...ours, ...others]) await orders.waiting(id);

    await post(orders.paid(order1, { type: 'com.pay.refused' }));
    await post(orders.paid(aKey()));
    const { body } = await post(orders.paid(order1));

    const { signalled = [] } = body as { readonly signalled?: readonly { activityid: string }[] };
    expect(signalled.map(({ activityid }) => activityid).toSorted()).toEqual(ours.toSorted());
    for (const id of ours) await orders.isPaid(id);
    for (const id of others) await orders.waiting(id);
  });

  it('is applied once, however often it is sent, and conflicts with other content under its id', async () => {
    const order1 = aKey();
    const id = await place(order1);
    await orders.waiting(id);
    const event = orders.paid(order1);
    await post(event);
    await orders.isPaid(id);

    const next = await place(order1);
    await orders.waiting(next);
    const again = await post(event);
    expect(again.body).toMatchObject({ signalled: [{ activityid: id }] });
    expect(await post({ ...event, data: { sum: 13 } })).toMatchObject({
      status: 409,
      body: { code: 'EVENT_CONFLICT' },
    });
    await orders.waiting(next);
  });

  it('reaches waiting runs when the quota of new runs is used up', async () => {
    const both = await orders.aWorkflow({ triggers: { event: { enabled: true } } });
    const [order1, order2] = [aKey(), aKey()];
    const [id1, id2] = [await place(order1, both), await place(order2, both)];
    await orders.waiting(id1);
    await orders.waiting(id2);
    const quotas = `${orders.system.executorUrl}/api/v2/workflows/${both.id}/quotas`;
    await ask(quotas, {
      ...{ method: 'PUT', token: orders.system.adminToken, body: { runsPerMonth: 1 } },
    });
    const full = await waitFor('the quota at the listener', async () => {
      const event = orders.paid(aKey(), { type: 'com.shop.order.placed' });
      const answer = await post(event, '/api/v2/events', both.token);
      return answer.status === 202 ? undefined : answer;
    });
    expect(full).toMatchObject({ status: 429, body: { code: 'QUOTA_EXCEEDED' } });

    const named = await post(orders.paid(order1), `/api/v2/event?ref=${both.id}`, both.token);
    expect(named).toMatchObject({ status: 202, body: { activities: [id1] } });
    const unnamed = await post(orders.paid(order2), '/api/v2/events', both.token);
    expect(unnamed).toMatchObject({
      status: 202,
      body: { activities: [], signalled: [{ workflowId: both.id, activityid: id2 }] },
    });
    await orders.isPaid(id1);
    await orders.isPaid(id2);
  });

  it('reaches a waiting run, and starts another if the filter matches', async () => {
    const both = await orders.aWorkflow({ triggers: { event: { enabled: true } } });
    const order1 = aKey();
    const id = await place(order1, both);
    await orders.waiting(id);

    const event = orders.paid(order1, {
      data: { ...(orders.payment['data'] as object), order: 'next' },
    });
    const answer = await post(event, `/api/v2/event?ref=${both.id}`, both.token);

    expect(answer).toMatchObject({ status: 202, body: { signalled: [id] } });
    const { activityid } = answer.body as { readonly activityid: string };
    await orders.system.api.untilFinal(id);
    await orders.waiting(activityid);
  });

  it('ends no wait whose filter it does not match, before the wait and after', async () => {
    const settled = { field: '$.data', operation: 'equals', value: orders.payment['data'] };
    const filtered = await orders.aWorkflow({
      tasks: {
        paid: {
          'wait-for-event': {
            ...{ topic: TOPIC, correlationKey: '$(params.order)' },
            filter: { conditions: [settled] },
          },
        },
        keep: {
          'set-property': { output: 'paid', value: '$(tasks.paid.results.data)' },
          needs: 'paid',
        },
      },
    });
    const send = (key: string, changes?: object): Promise<Answer> =>
      post(orders.paid(key, changes), '/api/v2/events', filtered.token);
    const [before, after] = [aKey(), aKey()];
    await send(before, { data: 'pending' });
    await send(before, { data: 'refused' });
    await send(before);
    await orders.isPaid(await place(before, filtered));

    const id = await place(after, filtered);
    await orders.waiting(id);
    expect(await send(after, { data: 'pending' })).toMatchObject({
      body: { signalled: [{ workflowId: filtered.id, activityid: id }] },
    });
    // It is kept if the run has not looked at the first one yet, and then the run asks for it.
    await send(after);
    await orders.isPaid(id);
  });

  it.each(['named in the query', 'by its type alone'])(
    'is filtered by all of its attributes, as by a trigger: %s',
    async (how) => {
      const filter = { all: [{ exact: { type: TOPIC, source: '/pay/eu' } }, { sql: 'vip' }] };
      const paid = { topic: TOPIC, correlationKey: '$(params.order)', filter };
      const filtered = await orders.aWorkflow({
        tasks: {
          paid: { 'wait-for-event': paid },
          keep: {
            'set-property': { output: 'paid', value: '$(tasks.paid.results.data)' },
            needs: 'paid',
          },
        },
      });
      const route =
        how === 'named in the query' ? `/api/v2/event?ref=${filtered.id}` : '/api/v2/events';
      const key = aKey();
      const id = await place(key, filtered);
      await orders.waiting(id);
      const send = (source: string, vip: boolean): Promise<Answer> => {
        const changes = { source, vip, data: { source, vip } };
        return post(orders.paid(key, changes), route, filtered.token);
      };

      await send('/pay/us', true);
      await send('/pay/eu', false);
      await send('/pay/eu', true);

      expect(await orders.system.api.untilFinal(id)).toMatchObject({
        results: { paid: { source: '/pay/eu', vip: true } },
      });
    },
  );

  it.each([
    ['data', { data: 'x'.repeat(65_536) }],
    ['attributes', { note: 'x'.repeat(65_536) }],
  ])('is refused if its %s are too large for a run', async (_, large) => {
    const route = `/api/v2/event?ref=${order.id}`;
    expect(await post(orders.paid(aKey(), large), route)).toMatchObject({
      ...{ status: 413, body: { code: 'BODY_TOO_LARGE' } },
    });
  });

  it('is kept for a workflow whose trigger is off, if a task waits for its topic', async () => {
    const closed = await orders.aWorkflow({ triggers: {} });
    expect(
      await post(orders.paid(aKey()), `/api/v2/event?ref=${closed.id}`, closed.token),
    ).toMatchObject({
      status: 202,
      body: { outcome: 'kept' },
    });
    const unawaited = orders.paid(aKey(), { type: 'com.pay.refused' });
    expect(await post(unawaited, `/api/v2/event?ref=${closed.id}`, closed.token)).toMatchObject({
      status: 403,
      body: { code: 'TRIGGER_OFF' },
    });
  });
});

describe('events that nothing waits for', () => {
  it('are kept up to a limit for each workflow', async () => {
    for (let at = 0; at < EARLY_EVENTS_MAX; at += 1)
      expect(await post(orders.paid(aKey()))).toMatchObject({ status: 202 });

    const full = await post(orders.paid(aKey()));
    expect(full).toMatchObject({ status: 429, body: { code: 'EARLY_EVENTS_FULL' } });
    expect(full.headers.get('retry-after')).not.toBeNull();
    const other = await orders.aWorkflow();
    expect(await post(orders.paid(aKey()), '/api/v2/events', other.token)).toMatchObject({
      status: 202,
    });
  });

  it('are in the decisions, with the reason why they did not match', async () => {
    const event = orders.paid(aKey());
    await post(event);

    const [decision] = await waitFor('the decision', async () => {
      const url = `${orders.system.executorUrl}/api/v2/decisions?eventId=${String(event['id'])}&outcome=kept`;
      const { body } = await ask(url, { token: orders.system.adminToken });
      const { decisions } = body as { readonly decisions: readonly object[] };
      return decisions.length > 0 ? decisions : undefined;
    });
    expect(decision).toMatchObject({
      workflowId: order.id,
      clauses: [
        { path: 'topic', wants: `"${TOPIC}"` },
        { path: 'correlationKey', holds: false, wants: `"${String(event['correlationid'])}"` },
      ],
    });
  });
});
