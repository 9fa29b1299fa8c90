import { jest } from '@jest/globals';
import { keepingWorkflow } from './support/definitions.js';
import { type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { problemIn, RawSender } from './support/raw-sender.js';
import { newEvent } from './support/sample-event.js';
import { sendStructured } from './support/send.js';

jest.setTimeout(300_000);

/** Short, so that what is too slow is known soon. */
const REQUEST_MS_MAX = 2_000;

let system: FlowSystem;
let workflow: CreatedWorkflow;
let sender: RawSender;

beforeAll(async () => {
  const soon = `${REQUEST_MS_MAX}`;
  const listenerEnv = { REQUEST_MS_MAX: soon, HEADERS_MS_MAX: soon };
  system = await FlowSystem.start({ servers: 'shared', listenerEnv });
  workflow = await system.api.createWorkflow(keepingWorkflow('bad-requests'));
  sender = new RawSender(system.listenerUrl, workflow.token);
});

afterAll(() => system.stop());

/** Whatever was sent, the listener takes the next one. */
afterEach(async () => {
  expect(await sendGood()).toBe(202);
});

describe('a request', () => {
  it.each([
    ['with a header of 100 kB', [`X-Long: ${'x'.repeat(100_000)}`], 431],
    ['with 5,000 headers', Array.from({ length: 5_000 }, (_, n) => `X-${n}: ${n}`), 431],
    ['with two hosts', ['Host: another', 'Content-Length: 2'], 400],
    ['whose length is no number', ['Content-Length: many'], 400],
    ['whose length is negative', ['Content-Length: -1'], 400],
    ['with two lengths', ['Content-Length: 2', 'Content-Length: 3'], 400],
    ['with a length and chunks', ['Content-Length: 2', 'Transfer-Encoding: chunked'], 400],
    ['with a bare return in a header', ['X-A: b\r c: d'], 400],
    ['with a header without a colon', ['nonsense'], 400],
  ])('%s is refused', async (_what, lines, status) => {
    const answer = await sender.send([sender.head(lines), '{}']);

    expect(problemIn(answer).status).toBe(status);
  });

  it.each([
    ['is another protocol', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n'],
    ['is of another version of HTTP', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['names no host', 'POST /listener/event HTTP/1.1\r\nConnection: close\r\n\r\n'],
  ])('that %s is refused', async (_what, bytes) => {
    expect(problemIn(await sender.send([bytes])).status).toBe(400);
  });

  it.each([
    ['GET', '/listener/event', 405],
    ['DELETE', '/api/v2/event', 405],
    ['PUT', '/api/v2/event', 405],
    ['POST', '/listener/nothing', 404],
    ['POST', `/${'a'.repeat(9_000)}`, 404],
    ['POST', '/listener/%zz', 400],
    ['POST', '/listener//event', 404],
  ])('%s %.30s is refused', async (method, path, status) => {
    const answer = await sender.post('', { method, path });

    expect(problemIn(answer).status).toBe(status);
    const allow = answer.headers.filter(([name]) => name.toLowerCase() === 'allow');
    expect(allow).toHaveLength(status === 405 ? 1 : 0);
  });

  it.each([
    ['ref=a&workflowId=b', 400],
    ['ref=a&ref=b', 400],
    ['ref=$ne', 400],
    ['ref[$ne]=x', 400],
    ['ref=%E0%A4%A', 400],
    [`ref=${'a'.repeat(101)}`, 400],
  ])('with the query %.40s is refused', async (query, status) => {
    const answer = await sender.post('{}', { path: `/api/v2/event?${query}` });

    expect(problemIn(answer).status).toBe(status);
  });
});

describe('an event in binary mode', () => {
  const attributes = ['ce-specversion: 1.0', 'ce-source: /s', 'ce-type: t', 'ce-id: a'];

  it.each([
    ['two ids', '/api/v2/event?ref=<id>', ['ce-subject: /<id>', 'ce-id: b'], 'id'],
    ['two ids', '/api/v2/event', ['ce-subject: /<id>', 'ce-id: b'], 'id'],
    ['two subjects', '/api/v2/event', ['ce-subject: /<id>', 'ce-subject: /<id>'], 'subject'],
    ['two types', '/api/v2/events', ['ce-type: t'], 'type'],
  ])('with %s is refused at %s', async (_what, path, more, attribute) => {
    const headers = [...attributes, ...more].map((line) => line.replace('<id>', workflow.id));

    const answer = await sender.post('{}', {
      path: path.replace('<id>', workflow.id),
      contentType: 'application/json',
      headers,
    });

    expect(problemIn(answer)).toMatchObject({
      status: 400,
      code: 'EVENT_INVALID',
      errors: [{ attribute, detail: 'is there more than once' }],
    });
  });
});

describe('a slow sender', () => {
  it('of one byte a second delays no other sender, and is answered that it was too slow', async () => {
    const parts = [sender.head(['Content-Length: 300']), ...'{"id"'.split('')];
    const slow = Array.from({ length: 20 }, () => sender.send(parts, { pauseMs: 1_000 }));

    const others = await Promise.all(Array.from({ length: 20 }, sendGood));

    expect(new Set(others)).toEqual(new Set([202]));
    for (const answer of await Promise.all(slow)) {
      expect(problemIn(answer)).toMatchObject({ status: 408, code: 'REQUEST_TIMEOUT' });
    }
  });

  it('of headers is answered the same', async () => {
    const lines = ['POST /listener/event HTTP/1.1', 'Host: a', 'X-A: b', 'X-C: d', 'X-E: f'];
    const parts = lines.map((line) => `${line}\r\n`);

    const answer = await sender.send(parts, { pauseMs: 1_000 });

    expect(problemIn(answer)).toMatchObject({ status: 408, code: 'REQUEST_TIMEOUT' });
  });

  it('of a callback by GET whose body does not end is answered the same, and nothing takes effect', async () => {
    const path = `/api/v2/callback?topic=t&correlationKey=slow&workflowId=${workflow.id}`;
    const request = { method: 'GET', path, headers: ['Idempotency-Key: slow'] };

    const slow = await sender.send([sender.head(['Content-Length: 9'], request), 'half']);
    const complete = await sender.post('', request);

    expect(problemIn(slow)).toMatchObject({ status: 408, code: 'REQUEST_TIMEOUT' });
    expect(complete.status).toBe(202);
    expect(complete.headers.map(([name]) => name.toLowerCase())).not.toContain(
      'idempotent-replayed',
    );
  });

  it('that stalls does not affect another connection of its own, which was accepted before', async () => {
    const stalled = sender.send([sender.head(['Content-Length: 300']), '{']);

    expect(await sendGood()).toBe(202);
    expect(problemIn(await stalled)).toMatchObject({ status: 408 });
    expect(await sendGood()).toBe(202);
  });
});

async function sendGood(): Promise<number> {
  const answer = await sendStructured(system.listenerUrl, newEvent(workflow.id), workflow);
  return answer.status;
}
