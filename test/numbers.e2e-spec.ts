import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { stringify } from 'yaml';
import { activityIdIn, type Answer, ask } from './support/answer.js';
import { chain, httpTask, setProperty } from './support/definitions.js';
import { type ActivityView, type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { newEvent } from './support/sample-event.js';
import { TargetServer } from './support/target-server.js';

jest.setTimeout(300_000);

/** Beyond 2^53, so that a double has other digits. */
const ID = '8202522731445525542';

/** Whatever a double would change, and an order that a JavaScript object would. */
const ODD = `{"b":${ID},"10":1.0,"9":-0,"list":[1e400,1E2,0.12345678901234567890,12345678901234567890]}`;

let system: FlowSystem;
let target: TargetServer;

beforeAll(async () => {
  target = await TargetServer.start();
  system = await FlowSystem.start({ servers: 'shared' });
});

afterAll(async () => {
  await system.stop();
  await target.stop();
});

/** An event whose data is the text as it is. */
function sendText(
  workflow: CreatedWorkflow,
  data: string,
  id = randomUUID(),
  to = system,
): Promise<Answer> {
  const { data: _, ...envelope } = newEvent(workflow.id, { id });
  return ask(`${to.listenerUrl}/listener/event`, {
    method: 'POST',
    token: workflow.token,
    headers: { 'content-type': 'application/cloudevents+json' },
    body: `${JSON.stringify(envelope).slice(0, -1)},"data":${data}}`,
  });
}

async function runText(workflow: CreatedWorkflow, data: string, on = system): Promise<string> {
  const answer = await sendText(workflow, data, randomUUID(), on);
  expect(answer.status).toBe(202);
  const activityid = activityIdIn(answer);
  await on.api.untilFinal(activityid);
  return activityid;
}

/** What the API answers, as it is. */
async function textOf(path: string): Promise<string> {
  const response = await fetch(`${system.executorUrl}/api/v2/${path}`, {
    headers: { authorization: `Bearer ${system.adminToken}` },
  });
  return response.text();
}

describe('numbers that a double cannot hold', () => {
  it('are exact from an event to the URL, a header and the body of a call, and in the API', async () => {
    const workflow = await system.api.createWorkflow(
      chain('numbers-out', [
        httpTask('call', {
          url: `${target.url}/orders/$(params.b)`,
          method: 'PUT',
          headers: { 'x-id': '$(params.b)', 'x-text': 'no $(params.list[1])' },
          body: { whole: '$(params.data)', inText: 'order $(params.b), $(params.10)' },
        }),
        setProperty('keep', 'kept', '$(params.data)'),
      ]),
    );

    const activity = await textOf(`activities/${await runText(workflow, ODD)}`);

    const [call] = target.callsTo(`/orders/${ID}`);
    expect(call?.headers).toMatchObject({ 'x-id': ID, 'x-text': 'no 1E2' });
    expect(call?.body).toBe(`{"whole":${ODD},"inText":"order ${ID}, 1.0"}`);
    expect(activity).toContain(`"data":${ODD}`);
    expect(activity).toContain(`"results":{"kept":${ODD}}`);
  });

  it('are exact from the answer to a task to the URL of the next one', async () => {
    const workflow = await system.api.createWorkflow(
      chain('numbers-on', [
        httpTask('create', { url: `${target.url}/created`, method: 'POST' }),
        httpTask('remove', {
          url: `${target.url}/removed/$(tasks.create.results.body.id)`,
          method: 'DELETE',
          body: '$(tasks.create.results.body)',
        }),
      ]),
    );
    const answer = `{"z":1.50,"id":${ID},"1":{}}`;
    target.replyWith(() => ({ status: 200, text: answer }));

    const activity = await textOf(`activities/${await runText(workflow, '{}')}`);

    const [call] = target.callsTo(`/removed/${ID}`);
    expect(call).toMatchObject({ method: 'DELETE', body: answer });
    expect(activity).toContain(`"body":${answer}`);
  });

  it('are exact in a definition: parameters, defaults and decisions', async () => {
    const definition = JSON.stringify({
      ...chain('numbers-in', [
        setProperty('keep', 'kept', { default: '$(params.given)', literal: 'ODD' }),
        { name: 'choose', type: 'decision', params: [{ name: 'value', value: 'ID' }] },
      ]),
      params: [{ name: 'given', default: 'ODD' }],
      triggers: { event: { enabled: true } },
    })
      .replaceAll('"ODD"', ODD)
      .replaceAll('"ID"', ID);
    const created = await ask(`${system.executorUrl}/api/v2/workflows`, {
      method: 'POST',
      token: system.adminToken,
      headers: { 'content-type': 'application/json' },
      body: definition,
    });
    expect(created.status).toBe(201);
    const { id } = created.body as { readonly id: string };
    const workflow = { id, token: await system.api.createToken(id) };

    const activity = await textOf(`activities/${await runText(workflow, '{}')}`);

    expect(activity).toContain(`"results":{"kept":{"default":${ODD},"literal":${ODD}}}`);
    expect(activity).toContain(`"decision":"${ID}"`);
    const shown = await textOf(`workflows/${id}`);
    expect(shown).toContain(`"default":${ODD}`);
    expect(shown).toContain(`"value":${ID}`);
  });
});

describe('two events under one id', () => {
  let workflow: CreatedWorkflow;

  beforeAll(async () => {
    workflow = await system.api.createWorkflow(
      chain('numbers-same', [setProperty('keep', 'kept', '$(params.id)')]),
    );
  });

  it('that differ only beyond 2^53 are a conflict', async () => {
    const id = randomUUID();
    expect((await sendText(workflow, `{"id":${ID}}`, id)).status).toBe(202);

    const second = await sendText(workflow, '{"id":8202522731445525543}', id);

    expect(second).toMatchObject({ status: 409, body: { code: 'EVENT_CONFLICT' } });
  });

  it('with the same numbers in another notation are the same event', async () => {
    const id = randomUUID();
    expect((await sendText(workflow, `{"id":${ID},"n":[1,1e2,1e400]}`, id)).status).toBe(202);

    const second = await sendText(workflow, `{"n":[1.0,100,10E399],"id":${ID}.0}`, id);

    expect(second.status).toBe(202);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
  });
});

describe('JSON beyond the bounds of the settings', () => {
  const DEEP = '['.repeat(6) + ']'.repeat(6);
  const MANY = `[${'1,'.repeat(50)}1]`;
  /** Five lists, the innermost of 46: 50 elements in all. */
  const WITHIN = `[[[[[${'1,'.repeat(45)}1]]]]]`;

  let bounded: FlowSystem;

  beforeAll(async () => {
    const executorEnv = { JSON_NESTING_MAX: '5', JSON_MEMBERS_MAX: '50' };
    bounded = await FlowSystem.start({ servers: 'shared', executorEnv });
  });

  afterAll(() => bounded.stop());

  /** The end of a run that has called what answers with the text. */
  async function called(text: string): Promise<ActivityView> {
    const name = `bounded-${randomUUID()}`;
    const call = httpTask('call', { url: `${target.url}/bounded` });
    const workflow = await bounded.api.createWorkflow(chain(name, [call]));
    target.replyWith(() => ({ status: 200, text }));
    return bounded.api.untilFinal(await runText(workflow, '{}', bounded));
  }

  it.each([
    ['nesting', DEEP, /deeper than 5 .*JSON_NESTING_MAX/],
    ['members', MANY, /more than 50 .*JSON_MEMBERS_MAX/],
  ])(
    'in an answer fails the task, and the failure names the bound: %s',
    async (_bound, text, message) => {
      expect(await called(text)).toMatchObject({
        status: 'failed',
        failure: {
          code: 'HTTP_RESPONSE_OUT_OF_BOUNDS',
          message: expect.stringMatching(message) as string,
        },
      });
    },
  );

  it('begins only after the bounds', async () => {
    expect(await called(WITHIN)).toMatchObject({ status: 'succeeded' });
  });

  describe.each([
    ['JSON', 'application/json', JSON.stringify],
    ['YAML', 'application/yaml', stringify],
  ] as const)('in a definition in %s', (_name, contentType, write) => {
    /** Each value of a parameter stands in five lists and objects; each task has 14 members. */
    const definition = (values: readonly unknown[]): object =>
      chain(
        `bounded-${randomUUID()}`,
        values.map((value, at) => setProperty(`keep-${at}`, `kept-${at}`, value)),
      );
    const create = (values: readonly unknown[]): Promise<Answer> =>
      ask(`${bounded.executorUrl}/api/v2/workflows`, {
        method: 'POST',
        token: bounded.adminToken,
        headers: { 'content-type': contentType },
        body: write(definition(values)),
      });

    it.each([
      ['nesting', [[]], /deeper than 5 .*JSON_NESTING_MAX/],
      ['members', [1, 2, 3], /more than 50 .*JSON_MEMBERS_MAX/],
    ])('is 400, and names the bound: %s', async (_bound, values, detail) => {
      const answer = await create(values);

      expect(answer).toMatchObject({ status: 400, body: { code: 'BODY_INVALID' } });
      expect(JSON.stringify(answer.body)).toMatch(detail);
    });

    it('begins only after the bounds', async () => {
      expect((await create([1, 2])).status).toBe(201);
    });
  });
});
