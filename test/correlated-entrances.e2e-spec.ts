import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { type Answer, type Asking } from './support/answer.js';
import { type CreatedWorkflow } from './support/flow-api.js';
import { aKey, WaitingOrders } from './support/waiting-orders.js';

jest.setTimeout(300_000);

const TOPIC = 'com.pay.settled';

let orders: WaitingOrders;
let order: CreatedWorkflow;

beforeAll(async () => {
  orders = await WaitingOrders.start();
});

afterAll(() => orders.system.stop());

beforeEach(async () => {
  order = await orders.aWorkflow();
});

const post = (event: object, route?: string, token = order.token): Promise<Answer> =>
  orders.post(event, token, route);
const place = (key: string, workflow = order): Promise<string> => orders.place(key, workflow);

describe('every endpoint for events', () => {
  const data = () => orders.payment['data'];
  const wfe = (type: string, subject: string, correlationid: string) => ({
    ...{ specversion: '1.0', id: randomUUID(), source: '/old', type, subject, correlationid },
    data: data(),
  });
  const OLD = 'io.boomerang.eventing.wfe';
  const NEW = 'io.boomerang.event.workflow.wfe';
  type Send = (order1: string) => Promise<Answer>;
  const query = (route: string, order1: string, more = ''): string =>
    `${route}?topic=${TOPIC}&${more}=${order1}`;
  const body = (): Asking => ({ method: 'POST', token: order.token, body: data() });
  const batch = (event: object): Promise<Answer> =>
    orders.send('/api/v2/event', {
      method: 'POST',
      token: order.token,
      headers: { 'content-type': 'application/cloudevents-batch+json' },
      body: [event],
    });

  it.each<readonly [string, Send]>([
    [
      '/api/v2/callback',
      (one) => orders.send(query('/api/v2/callback', one, 'correlationKey'), body()),
    ],
    ['/api/v2/wfe', (one) => orders.send(query('/api/v2/wfe', one, 'correlationid'), body())],
    [
      '/listener/webhook/wfe',
      (one) =>
        orders.send(
          query('/listener/webhook/wfe', one, `workflowId=${order.id}&correlationKey`),
          body(),
        ),
    ],
    ['the old type', (one) => post(wfe(OLD, `/${order.id}/${TOPIC}`, one), '/listener/event')],
    [
      'the new type',
      (one) => post(wfe(NEW, `/workflow/${order.id}/topic/${TOPIC}`, one), '/api/v2/event'),
    ],
    ['a batch', (one) => batch(wfe(OLD, `/${order.id}/${TOPIC}`, one))],
    [
      'the binary mode',
      (one) =>
        orders.send('/api/v2/event', {
          method: 'POST',
          token: order.token,
          headers: {
            'ce-specversion': '1.0',
            'ce-id': randomUUID(),
            'ce-source': '/old',
            'ce-type': NEW,
            'ce-subject': `/workflow/${order.id}/topic/${TOPIC}`,
            'ce-correlationid': one,
            'ce-status': 'COMPLETED',
          },
          body: data(),
        }),
    ],
  ])('%s finds a wait by topic and correlation key', async (_, sendAt) => {
    const [order1, order2] = [aKey(), aKey()];
    const id = await place(order1);
    await orders.waiting(id);

    expect(await sendAt(order1)).toMatchObject({ status: 202 });
    expect(await sendAt(order2)).toMatchObject({ status: 202 });

    await orders.isPaid(id);
    await orders.isPaid(await place(order2));
  });

  it('accepts a callback by GET, as from a link in a mail', async () => {
    const order1 = aKey();
    const id = await place(order1);
    await orders.waiting(id);
    const link = `${query('/api/v2/callback', order1, 'correlationKey')}&access_token=${order.token}`;

    expect(await orders.send(link, {})).toMatchObject({
      status: 202,
      body: { topic: TOPIC, status: 'succeeded', correlationKey: order1, activities: [id] },
    });
    expect(await orders.system.api.untilFinal(id)).toMatchObject({ results: { paid: null } });
  });

  it.each([
    [OLD, (id: string) => `/${order.id}/${id}/${TOPIC}`],
    [NEW, (id: string) => `/workflow/${order.id}/activity/${id}/topic/${TOPIC}`],
  ])(
    '%s finds a wait by the id of its activity, and reads the status in any case',
    async (type, subject) => {
      const id = await place(aKey());
      await orders.waiting(id);
      const { correlationid: _, ...event } = wfe(type, subject(id), '');

      expect(await post({ ...event, status: 'Perhaps' }, '/listener/event')).toMatchObject({
        status: 400,
        body: { errors: [{ attribute: 'status' }] },
      });
      const sent = { ...event, status: 'FAILURE' };
      expect(await post(sent, '/listener/event')).toMatchObject({
        status: 202,
        body: { outcome: 'signalled', activities: [id] },
      });
      expect(await orders.system.api.untilFinal(id)).toMatchObject({
        failure: { code: 'EVENT_FAILED' },
      });
      expect(await post({ ...sent, id: 'late' }, '/listener/event')).toMatchObject({ status: 409 });
    },
  );

  it('io.boomerang.event.workflow.cancel cancels an activity of its workflow, and no other', async () => {
    const other = await orders.aWorkflow();
    const [id, foreign] = [await place(aKey()), await place(aKey(), other)];
    await orders.waiting(id);
    await orders.waiting(foreign);
    const cancel = (activity: string, workflow = order.id): Promise<Answer> =>
      post(
        {
          ...{ specversion: '1.0', id: randomUUID(), source: '/old' },
          type: 'io.boomerang.event.workflow.cancel',
          subject: `/workflow/${workflow}/activity/${activity}`,
        },
        '/listener/event',
      );

    expect(await cancel(foreign)).toMatchObject({ status: 404 });
    expect(await cancel(foreign, other.id)).toMatchObject({ status: 403 });
    expect(await cancel(id)).toMatchObject({ status: 202, body: { outcome: 'cancelled' } });
    expect(await orders.system.api.untilFinal(id)).toMatchObject({ status: 'cancelled' });
    await orders.waiting(foreign);
  });

  it('io.boomerang.event.workflow.trigger starts the workflow in its subject', async () => {
    const event = {
      ...{ specversion: '1.0', id: randomUUID(), source: '/old' },
      type: 'io.boomerang.event.workflow.trigger',
      subject: `/workflow/${order.id}/topic/orders`,
      data: { order: aKey() },
    };
    const open = await orders.aWorkflow({ triggers: { event: { enabled: true } } });
    const subject = `/workflow/${open.id}/topic/orders`;

    expect(await post(event, '/listener/event')).toMatchObject({ body: { outcome: 'filtered' } });
    expect(await post({ ...event, subject }, '/listener/event', open.token)).toMatchObject({
      status: 202,
      body: { activityid: expect.any(String) as string },
    });
  });

  it('does not reach runs of another workflow', async () => {
    const other = await orders.aWorkflow();
    const order1 = aKey();
    const id = await place(order1);
    await orders.waiting(id);
    const { token } = other;

    const named = query('/api/v2/callback', order1, `workflowId=${order.id}&correlationKey`);
    expect(await orders.send(named, { ...body(), token })).toMatchObject({ status: 403 });
    const own = query('/api/v2/callback', order1, 'correlationKey');
    expect(await orders.send(own, { ...body(), token })).toMatchObject({
      body: { activities: [] },
    });
    expect(await orders.send(own, { method: 'POST', body: 1 })).toMatchObject({ status: 401 });
    const foreign = wfe(OLD, `/${order.id}/${TOPIC}`, order1);
    expect(await post(foreign, '/listener/event', token)).toMatchObject({ status: 403 });
    await post(orders.paid(order1), '/api/v2/events', token);
    await orders.waiting(id);
  });

  it('refuses a request without workflow, correlation key or topic', async () => {
    const without = `/api/v2/callback?topic=${TOPIC}`;
    expect(await orders.send(without, body())).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'ref' }] },
    });
    const { correlationid: _, ...keyless } = wfe(NEW, `/workflow/${order.id}/topic/${TOPIC}`, '');
    expect(await post(keyless, '/listener/event')).toMatchObject({
      status: 400,
      body: { errors: [{ attribute: 'correlationid' }] },
    });
    expect(await post(wfe(OLD, `/${order.id}`, 'x'), '/listener/event')).toMatchObject({
      status: 400,
      body: { errors: [{ attribute: 'subject' }] },
    });
  });
});
