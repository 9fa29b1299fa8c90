import { waitFor } from '../tools/project/wait-for.mjs';
import { jest } from '@jest/globals';
import { type Answer, ask } from './support/answer.js';
import { chain, setProperty } from './support/definitions.js';
import { type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { newEvent } from './support/sample-event.js';
import { type EventAttributes } from './support/send.js';

jest.setTimeout(300_000);

const FILTER = {
  all: [
    { prefix: { type: 'com.shop.order.' } },
    { sql: "country IN ('CH', 'AT')" },
    { conditions: [{ field: '$.data.total', operation: 'equals', value: '10.50' }] },
  ],
};
const WANTED = { type: 'com.shop.order.placed', country: 'CH', data: '{"total":10.50}' };

let system: FlowSystem;
let workflow: CreatedWorkflow;

beforeAll(async () => {
  system = await FlowSystem.start({ servers: 'shared' });
  workflow = await system.api.createWorkflow({
    ...chain('filters', [setProperty('keep', 'kept', { total: '$(params.total)' })]),
    triggers: { event: { enabled: true, filter: FILTER }, webhook: { enabled: true } },
  });
});

afterAll(() => system.stop());

/** In structured mode; the data is JSON text, so that it says how a number is written. */
function textOf({ data, ...attributes }: EventAttributes): string {
  return `${JSON.stringify(attributes).slice(0, -1)},"data":${String(data)}}`;
}

function send(changes: EventAttributes): Promise<Answer> {
  return ask(`${system.listenerUrl}/api/v2/event`, {
    method: 'POST',
    token: workflow.token,
    headers: { 'content-type': 'application/cloudevents+json' },
    body: textOf(newEvent(workflow.id, { ...WANTED, ...changes })),
  });
}

function change(method: string, body: unknown, path = `/${workflow.id}`): Promise<Answer> {
  return ask(`${system.executorUrl}/api/v2/workflows${path}`, {
    method,
    token: system.adminToken,
    body,
  });
}

describe('the filter of a trigger', () => {
  it('runs an event that matches', async () => {
    const { status, body } = await send({});

    expect(status).toBe(202);
    const { activityid } = body as { readonly activityid: string };
    expect(await system.api.untilFinal(activityid)).toMatchObject({ status: 'succeeded' });
  });

  it.each([
    ['its type', { type: 'com.shop.customer' }, 'filter.all[0].prefix.type does not hold'],
    ['an extension', { country: 'DE' }, 'filter.all[1].sql does not hold'],
    ['its data', { data: '{"total":10.51}' }, 'filter.all[2].conditions[0] does not hold'],
  ])(
    'answers 200 to an event that does not match by %s, and runs nothing',
    async (_what, changes, reason) => {
      const before = await system.api.activities(workflow.id);
      const { status, body, headers } = await send({ id: 'not-wanted', ...changes });

      expect(status).toBe(200);
      expect(headers.get('location')).toBeNull();
      expect(body).toMatchObject({
        id: 'not-wanted',
        outcome: 'filtered',
        reason: expect.stringContaining(reason) as unknown,
      });
      expect(body).not.toHaveProperty('activityid');
      expect(await system.api.activities(workflow.id)).toHaveLength(before.length);
    },
  );

  it('gives an event of a batch an entry of its own in the answer', async () => {
    const events = [{}, { type: 'other' }, { type: '' }];
    const { status, body } = await ask(`${system.listenerUrl}/api/v2/event`, {
      method: 'POST',
      token: workflow.token,
      headers: { 'content-type': 'application/cloudevents-batch+json' },
      body: `[${events.map((one) => textOf(newEvent(workflow.id, { ...WANTED, ...one }))).join()}]`,
    });

    expect(status).toBe(207);
    expect(body).toMatchObject([
      { activityid: expect.any(String) as unknown },
      { outcome: 'filtered' },
      { status: 400 },
    ]);
  });

  it('does not apply to other triggers', async () => {
    const { status } = await ask(`${system.listenerUrl}/api/v2/webhook?ref=${workflow.id}`, {
      method: 'POST',
      token: workflow.token,
      body: {},
    });

    expect(status).toBe(202);
  });

  it('is refused with all its errors', async () => {
    const filter = { any: [{ sql: "type = 'a' AND" }, { exact: { Type: 'a' } }] };
    const triggers = { event: { enabled: true, filter } };
    const problems = [
      {
        path: 'triggers.event.filter.any[0].sql',
        detail: 'Expected a value, but found the end of the expression (at character 15)',
      },
      { path: 'triggers.event.filter.any[1].exact.Type' },
    ];

    for (const answer of [
      await change('PATCH', { triggers }),
      await change('POST', { ...chain('refused', [setProperty('a', 'b', 'c')]), triggers }, ''),
    ]) {
      expect(answer.status).toBe(400);
      expect(answer.body).toMatchObject({ code: 'BODY_INVALID', errors: problems });
    }
  });

  it('is changed, kept and removed by PATCH, and applies from then on', async () => {
    const event = async (trigger: object): Promise<unknown> => {
      const { status, body } = await change('PATCH', { triggers: { event: trigger } });
      expect(status).toBe(200);
      return (body as { readonly triggers: { readonly event: unknown } }).triggers.event;
    };
    const filter = { exact: { type: 'other' } };

    expect(await event({ enabled: true, filter })).toEqual({ enabled: true, filter });
    await waitFor(
      'the changed filter',
      async () => (await send({ type: 'other' })).status === 202 || undefined,
    );
    expect((await send({})).status).toBe(200);

    expect(await event({ enabled: false })).toEqual({ enabled: false, filter });
    expect(await event({ enabled: true, filter: null })).toEqual({ enabled: true });
    await waitFor('the changed filter', async () => (await send({})).status === 202 || undefined);
  });
});
