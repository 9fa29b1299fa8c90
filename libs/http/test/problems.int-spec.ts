import { setTimeout as delay } from 'node:timers/promises';
import { held, type SampleApp, startSampleApp } from './sample-app.js';

/** How late the event loop may be in the test that makes it late. */
const LATE_MS = 50;
const LATE_TURNS = 5;
const SEVERAL_LOOKS_MS = 200;

let app: SampleApp;

beforeAll(async () => {
  app = await startSampleApp({ bodies: 'json', inFlightMax: 2, ratePerSecond: 0 });
});

afterAll(() => app.close());

function send(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`http://127.0.0.1:${app.port}${path}`, init);
}

function post(body: BodyInit, type = 'application/json'): Promise<Response> {
  return send('/things', { method: 'POST', body, headers: { 'content-type': type } });
}

/** Holds the event loop, which is the app's as well, for several turns. */
async function makeLate(): Promise<void> {
  for (let turn = 0; turn < LATE_TURNS; turn += 1) {
    const end = performance.now() + 3 * LATE_MS;
    while (performance.now() < end);
    await delay(0);
  }
}

describe('problem details', () => {
  it('are 404 where there is nothing', async () => {
    const response = await send('/nowhere');

    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({ code: 'ROUTE_NOT_FOUND', title: 'Not Found' });
  });

  it.each([
    ['DELETE', '/things/7?x=1', 'GET, HEAD'],
    ['GET', '/things', 'POST'],
    ['PATCH', '/event', 'OPTIONS, PUT'],
    ['PROPFIND', '/event', 'OPTIONS, PUT'],
  ])('are 405 with Allow for %s %s', async (method, path, allow) => {
    const response = await send(path, { method });

    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe(allow);
    expect(await response.json()).toMatchObject({ code: 'METHOD_NOT_ALLOWED' });
  });

  it('leave OPTIONS and HEAD useful', async () => {
    const options = await send('/things/7', { method: 'OPTIONS' });
    const head = await send('/things/7', { method: 'HEAD' });

    expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, HEAD']);
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  it('reveal nothing of an unexpected error but the instance by which the log has it', async () => {
    const response = await send('/fail');
    const problem = (await response.json()) as Record<string, unknown>;

    expect(response.status).toBe(500);
    expect(problem).toMatchObject({ code: 'INTERNAL' });
    expect(JSON.stringify(problem)).not.toContain('ingredient');
    expect(app.log.errors).toEqual([
      {
        message: 'A request failed on our side',
        fields: expect.objectContaining({
          instance: problem['instance'],
          err: expect.objectContaining({ message: 'the secret ingredient' }) as unknown,
        }) as unknown,
      },
    ]);
  });

  it('list everything that is wrong with a body, with paths', async () => {
    const response = await post(JSON.stringify({ size: 11, parts: [{ name: 1 }], colour: 'red' }));

    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      type: 'about:blank',
      title: 'Bad Request',
      status: 400,
      code: 'BODY_INVALID',
      detail: 'The request has members that are not valid',
      errors: [
        { path: 'colour', detail: 'is not a known member: there are size, parts' },
        { path: 'size', detail: 'size must not be greater than 10' },
        { path: 'parts[0].name', detail: 'name must be a string' },
      ],
    });
  });

  it.each([
    ['not JSON', '{"size":', 400, 'BODY_NOT_JSON'],
    ['empty', '', 400, 'BODY_NOT_JSON'],
    ['not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 400, 'BODY_NOT_JSON'],
    ['with a key __proto__', '{"__proto__":{"size":1}}', 400, 'BODY_INVALID'],
    ['with a way to a prototype', '{"constructor":{"prototype":1}}', 400, 'BODY_INVALID'],
    [
      'with a number where text should be',
      '{"size":1,"parts":[{"name":1.0}]}',
      400,
      'BODY_INVALID',
    ],
    ['with an exact number that nobody asked for', '{"size":1e400}', 400, 'BODY_INVALID'],
    ['too large', `{"size":"${'x'.repeat(100_000)}"}`, 413, 'BODY_TOO_LARGE'],
  ])('name what is wrong with a body that is %s', async (_how, body, status, code) => {
    const response = await post(body);

    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code });
  });

  it.each([
    ['nested too deep', '['.repeat(65) + ']'.repeat(65), /64 .*JSON_NESTING_MAX/],
    ['too many members', `[${'1,'.repeat(10_000)}1]`, /10000 .*JSON_MEMBERS_MAX/],
  ])('name the setting that bounds a body: %s', async (_how, body, detail) => {
    const response = await post(body);

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: 'BODY_INVALID',
      errors: [{ path: '', detail: expect.stringMatching(detail) as string }],
    });
  });

  it.each(['text/plain', 'application/xml', 'nonsense'])('are 415 for a %s body', async (type) => {
    const response = await post('{"size":1,"parts":[]}', type);

    expect(response.status).toBe(415);
    // RFC 9110, section 12.5.3: only when it was for the coding.
    expect(response.headers.get('accept-encoding')).toBeNull();
    expect(await response.json()).toMatchObject({
      code: 'MEDIA_TYPE_UNSUPPORTED',
      detail: expect.stringContaining('application/json') as string,
    });
  });
});

describe('answers', () => {
  it('are private when the token was in the URL', async () => {
    const withToken = await send('/things/7?access_token=t');
    const encoded = await send('/nowhere?access%5Ftoken=t');
    const without = await send('/things/7');

    expect(withToken.headers.get('cache-control')).toBe('private');
    expect(encoded.headers.get('cache-control')).toBe('private');
    expect(without.headers.get('cache-control')).toBeNull();
  });

  it('are 503 when too much is in flight', async () => {
    const holding = [send('/held'), send('/held')];
    while (held.length < 2) await new Promise(setImmediate);
    const refused = await send('/things/7');
    const metrics = await app.metrics.registry.metrics();
    for (const release of held.splice(0)) release();
    await Promise.all(holding);

    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(refused.headers.get('content-type')).toBe('application/problem+json');
    expect(await refused.json()).toMatchObject({ status: 503, code: 'TOO_MANY_IN_FLIGHT' });
    expect(metrics).toContain('flow_in_flight{what="http_requests"} 2');
    expect(metrics).toContain('flow_http_requests_total{status="503"} 1');
    expect(answersIn(metrics) - timesIn(metrics)).toBe(1);
    expect(metrics).toContain('flow_events_rejected_total{code="TOO_MANY_IN_FLIGHT"} 1');
    expect((await send('/things/7')).status).toBe(200);
  });

  it('are 503 while the process cannot keep up', async () => {
    const busy = await startSampleApp({ bodies: 'json', loopDelayMsMax: LATE_MS });
    const ask = async (path: string): Promise<Response> => {
      await makeLate();
      return fetch(`http://127.0.0.1:${busy.port}${path}`);
    };
    // Only until the loop is looked at again, which can be before the request is there.
    let refused = await ask('/things/7');
    while (refused.status !== 503) refused = await ask('/things/7');
    let afterwards = refused;
    while (afterwards.status !== 200) {
      await delay(SEVERAL_LOOKS_MS);
      afterwards = await fetch(`http://127.0.0.1:${busy.port}/things/7`);
    }
    await busy.close();

    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await refused.json()).toMatchObject({ code: 'SERVER_OVERLOADED' });
  });

  it.each([
    ['each sender that a trusted proxy names', ['127.0.0.1'], [200, 200, 429]],
    ['the address itself, whatever it says of others', [], [200, 429, 429]],
  ])('are 429 by %s', async (_whom, trustedProxies, statuses) => {
    const rate = { ratePerSecond: 0.01, rateBurst: 1 };
    const strict = await startSampleApp({ bodies: 'json', ...rate, trustedProxies });
    const answers: number[] = [];
    for (const sender of ['192.0.2.1', '192.0.2.2', '192.0.2.1']) {
      const headers = { 'x-forwarded-for': sender };
      const { status } = await fetch(`http://127.0.0.1:${strict.port}/things/7`, { headers });
      answers.push(status);
    }
    await strict.close();

    expect(answers).toEqual(statuses);
  });

  it('are 429 with Retry-After to an address that sends too often', async () => {
    const strict = await startSampleApp({ bodies: 'json', ratePerSecond: 0.01, rateBurst: 2 });
    const answers: Response[] = [];
    for (let sent = 0; sent < 3; sent += 1) {
      answers.push(await fetch(`http://127.0.0.1:${strict.port}/things/7`));
    }
    await strict.close();

    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 429]);
    expect(Number(answers[2]?.headers.get('retry-after'))).toBeGreaterThan(1);
  });
});

function answersIn(metrics: string): number {
  const counts = [...metrics.matchAll(/^flow_http_requests_total\{.*\} (\d+)$/gm)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

/** How many answers the histogram of their times has. */
function timesIn(metrics: string): number {
  return Number(/^flow_http_request_seconds_count (\d+)$/m.exec(metrics)?.[1]);
}
