import { jest } from '@jest/globals';
import { keepingWorkflow } from './support/definitions.js';
import { type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { problemIn, RawSender } from './support/raw-sender.js';
import { newEvent } from './support/sample-event.js';
import { sendStructured } from './support/send.js';
import { activityIdIn } from './support/answer.js';

jest.setTimeout(300_000);

const WORKFLOW_ID = 'bad-input';
const BODY_BYTES_MAX = 4_194_304;

let system: FlowSystem;
let workflow: CreatedWorkflow;
let sender: RawSender;

beforeAll(async () => {
  system = await FlowSystem.start({
    servers: 'shared',
    listenerEnv: { JSON_MEMBERS_MAX: '10000' },
  });
  workflow = await system.api.createWorkflow(keepingWorkflow('bad-input', { id: WORKFLOW_ID }));
  sender = new RawSender(system.listenerUrl, workflow.token);
});

afterAll(() => system.stop());

/** Whatever was sent, the listener takes the next one. */
afterEach(async () => {
  const answer = await sendStructured(system.listenerUrl, newEvent(WORKFLOW_ID), workflow);
  expect(answer.status).toBe(202);
});

describe('a body', () => {
  it.each([
    ['that is empty', ''],
    ['that is no JSON', '{"specversion":'],
    ['that is two JSON values', '{}{}'],
    ['that is nothing but brackets', '['.repeat(20_000)],
    ['that is not valid UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22])],
    ['that has an overlong NUL', Buffer.from([0x22, 0xc0, 0x80, 0x22])],
    ['that has half a surrogate pair', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
  ])('%s is refused as not JSON', async (_what, body) => {
    expect(problemIn(await sender.post(body))).toMatchObject({
      status: 400,
      code: 'BODY_NOT_JSON',
    });
  });

  it.each([
    ['a list', '[1, 2]'],
    ['null', 'null'],
    ['a number', '1e999'],
    ['10,000 arrays in each other', nested('[', ']', 10_000)],
    ['an event with data nested 65 deep', withData(nested('[', ']', 65))],
    ['an event with data nested 10,000 deep', withData(nested('{"a":', '}', 10_000))],
    ['an event with more members than are taken', withData(manyMembers(10_001))],
    ['an event with more elements than are taken', withData(`[${'0,'.repeat(10_000)}0]`)],
    ['an event with a NUL in a key', withData('{"a\\u0000b": 1}')],
    ['an event with a key __proto__', withData('{"a": [{"__proto__": {"b": 1}}]}')],
    ['an event with an attribute __proto__', withMember('"__proto__": {"admin": true}')],
    ['an event with a text as __proto__', withMember('"__proto__": "admin"')],
    ['an event with an attribute constructor', withMember('"constructor": {"a": 1}')],
    ['an event with a NUL in an attribute', withMember('"a": "\\u0000"')],
    ['an event with half a surrogate pair', withMember('"a": "\\ud800"')],
    ['an event with 20,000 attributes', withMember(manyAttributes(20_000))],
  ])('that is %s is refused', async (_what, body) => {
    expect(problemIn(await sender.post(body))).toMatchObject({
      status: 400,
      code: 'EVENT_INVALID',
    });
  });

  it.each([
    ['500,000 brackets', '['.repeat(500_000)],
    ['100,000 objects in each other', nested('{"a":', '}', 100_000)],
    ['an event with 100,000 empty arrays', withData(`[${'[],'.repeat(100_000)}0]`)],
  ])('that is %s is refused without being parsed', async (_what, body) => {
    expect(problemIn(await sender.post(body))).toMatchObject({
      status: 400,
      code: 'BODY_OUT_OF_BOUNDS',
    });
  });

  it.each([
    ['application/xml'],
    ['application/json'],
    ['nonsense'],
    ['application/cloudevents+avro'],
    ['application/cloudevents+json; charset=latin1'],
  ])('of type %s is refused', async (contentType) => {
    const answer = await sender.post('{}', { contentType });

    expect(problemIn(answer).status).toBe(415);
  });

  it.each(['nonsense', 'application/xml'])(
    'of type %s without a token is refused for the missing token',
    async (contentType) => {
      const answer = await new RawSender(system.listenerUrl, '').post('{}', { contentType });

      expect(problemIn(answer)).toMatchObject({ status: 401, code: 'TOKEN_MISSING' });
    },
  );

  it('that is compressed is refused', async () => {
    const answer = await sender.post('{}', { headers: ['Content-Encoding: gzip'] });

    expect(problemIn(answer)).toMatchObject({ status: 415 });
  });

  it('whose declared length is too large is refused before it is sent', async () => {
    const answer = await sender.send([sender.head([`Content-Length: ${BODY_BYTES_MAX + 1}`]), '{']);

    expect(problemIn(answer)).toMatchObject({ status: 413, code: 'BODY_TOO_LARGE' });
  });

  it('without a declared length is refused when it has become too large', async () => {
    const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`;
    const chunks = Array.from({ length: 70 }, () => chunk);

    const answer = await sender.send([sender.head(['Transfer-Encoding: chunked']), ...chunks]);

    expect(problemIn(answer)).toMatchObject({ status: 413, code: 'BODY_TOO_LARGE' });
  });

  it.each([
    ['that is no JSON', '{', 'BODY_NOT_JSON'],
    ['that is nested too deep', nested('[', ']', 10_000), 'BODY_OUT_OF_BOUNDS'],
    ['with a NUL in a key', '{"a\\u0000b": 1}', 'BODY_OUT_OF_BOUNDS'],
    ['with a key __proto__', '{"__proto__": {}}', 'BODY_OUT_OF_BOUNDS'],
  ])('of a webhook %s is refused as well', async (_what, body, code) => {
    const options = { path: `/api/v2/webhook?ref=${WORKFLOW_ID}`, contentType: 'application/json' };

    expect(problemIn(await sender.post(body, options))).toMatchObject({ status: 400, code });
  });
});

describe('an event', () => {
  it('is refused with all its errors at once', async () => {
    const wrong = {
      ...{ specversion: '2.0', id: '', source: 'not a URI', time: 'yesterday' },
      ...{ datacontenttype: 'json', dataschema: 'relative' },
      ...{ 'Bad-Name': 'x', anobject: {}, afloat: 1.5 },
    };

    const answer = await sender.post(JSON.stringify({ ...wrong, subject: `/${WORKFLOW_ID}` }));

    const { status, errors } = problemIn(answer);
    expect(status).toBe(400);
    const attributes = errors?.map(({ attribute }) => attribute);
    expect(attributes?.sort()).toEqual([...Object.keys(wrong), 'type'].sort());
  });

  it.each([
    ['without a subject', undefined],
    ['whose subject is empty', ''],
    ['whose subject is only a slash', '/'],
    ['whose subject begins without a slash', WORKFLOW_ID],
    ['whose subject has a wildcard', '/*'],
    ['whose subject has a dot', '/flow.event'],
    ['whose subject is too long', `/${'a'.repeat(101)}`],
    ['whose subject is a number', 7],
  ])('%s is refused because it names no workflow', async (_what, subject) => {
    const answer = await sender.post(JSON.stringify(newEvent(WORKFLOW_ID, { subject })));

    const { status, errors } = problemIn(answer);
    expect(status).toBe(400);
    expect(errors?.map(({ attribute }) => attribute)).toEqual(['subject']);
  });

  it('for a workflow that does not exist is refused', async () => {
    const answer = await sender.post(JSON.stringify(newEvent('no-such-workflow')));

    expect(problemIn(answer)).toMatchObject({ status: 403, code: 'TOKEN_INVALID' });
  });

  it('in binary mode is refused with the errors of its headers', async () => {
    const right = ['ce-specversion: 1.0', 'ce-type: a', `ce-subject: /${WORKFLOW_ID}`];
    const wrong = [
      'ce-id: %FF',
      'ce-time: now',
      'ce-source: a b',
      'ce-datacontenttype: text/plain',
    ];
    const options = { contentType: 'text/plain', headers: [...right, ...wrong] };

    const { status, errors } = problemIn(await sender.post('x', options));

    expect(status).toBe(400);
    const attributes = errors?.map(({ attribute }) => attribute);
    expect(attributes?.sort()).toEqual(['datacontenttype', 'id', 'source', 'time']);
  });

  it('cannot change a prototype by the names of its parameters', async () => {
    const names = ['constructor', 'toString', 'hasOwnProperty'];
    const data = Object.fromEntries(names.map((name) => [name, { prototype: name }]));

    const answer = await sendStructured(
      system.listenerUrl,
      newEvent(WORKFLOW_ID, { data: { ...data, inputs: { key: 'harmless' } } }),
      workflow,
    );

    const activityid = activityIdIn(answer);
    expect(await system.api.untilFinal(activityid)).toMatchObject({
      results: { kept: 'harmless' },
    });
  });

  it.each([
    ['as JSON', 'application/json', Buffer.from(`"${'x'.repeat(BODY_BYTES_MAX - 2)}"`)],
    ['as bytes', 'application/octet-stream', Buffer.alloc(BODY_BYTES_MAX, 0xff)],
    ['as text that JSON has to escape', 'text/plain', Buffer.alloc(BODY_BYTES_MAX, 0x01)],
  ])(
    'of the largest permitted size, %s, is accepted and runs at once',
    async (how, contentType, body) => {
      const headers = [
        ...['ce-specversion: 1.0', 'ce-type: a', 'ce-source: /a', `ce-subject: /${WORKFLOW_ID}`],
        ...[
          `ce-id: large ${how}`,
          'traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
        ],
      ];

      const answer = await sender.post(body, { contentType, headers });

      expect(answer.status).toBe(202);
      const { activityid } = JSON.parse(answer.body.toString()) as { readonly activityid: string };
      // Sooner than the sweeper would find it.
      expect(await system.api.untilFinal(activityid, 20_000)).toMatchObject({
        status: 'succeeded',
      });
    },
  );
});

function nested(open: string, close: string, depth: number): string {
  return `${open.repeat(depth)}0${close.repeat(depth)}`;
}

function manyMembers(count: number): string {
  return JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, n])));
}

function manyAttributes(count: number): string {
  return manyMembers(count).slice(1, -1);
}

function withData(data: string): string {
  return withMember(`"data": ${data}`);
}

/** As text, because it may be deeper than could be serialized. */
function withMember(member: string): string {
  const event = JSON.stringify(newEvent(WORKFLOW_ID, { data: undefined }));
  return `${event.slice(0, -1)},${member}}`;
}
