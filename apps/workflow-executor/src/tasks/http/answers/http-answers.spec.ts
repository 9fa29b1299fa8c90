import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import zlib from 'node:zlib';
import { toJsonText } from '@app/json';
import { AddressGuard } from '../connecting/address-guard.js';
import { HttpTaskHandler } from '../http-task-handler.js';
import { aCall, someLimiter } from '../testing/a-call.js';
import { type TaskCall, type TaskOutcome } from '../../task-handler.js';

const BYTES_MAX = 1_000;
const TEXT = 'Grüße, '.repeat(50);
const JSON_TYPE = { 'content-type': 'application/json' };
const LIMITS = {
  responseBytesMax: BYTES_MAX,
  connectTimeoutMs: 5_000,
  redirectsMax: 3,
  json: { nestingMax: 8, membersMax: 100 },
};

describe('the answer to an http task', () => {
  let server: Server;
  let answer: { readonly headers: Record<string, string>; readonly body: Buffer; status?: number };
  let asked: IncomingMessage['headers'];
  let handler: HttpTaskHandler;

  beforeAll(async () => {
    server = createServer((request, response) => {
      asked = request.headers;
      response.writeHead(answer.status ?? 200, answer.headers).end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    handler = new HttpTaskHandler(new AddressGuard(['127.0.0.0/8']), LIMITS, someLimiter());
  });

  afterAll(async () => {
    handler.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  function outcomeOf(
    body: Buffer,
    headers: Record<string, string>,
    status = 200,
    method: 'GET' | 'HEAD' = 'GET',
  ): Promise<TaskOutcome> {
    answer = { body, headers, status };
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    return handler.run(aCall({ url, method }));
  }

  it.each([
    ['gzip', zlib.gzipSync],
    ['x-gzip', zlib.gzipSync],
    ['GZIP', zlib.gzipSync],
    ['deflate', zlib.deflateSync],
    ['deflate', zlib.deflateRawSync],
    ['br', zlib.brotliCompressSync],
    ['identity', (bytes: Buffer) => bytes],
    ['deflate, gzip', (bytes: Buffer) => zlib.gzipSync(zlib.deflateSync(bytes))],
    ['gzip', (bytes: Buffer) => Buffer.concat([zlib.gzipSync(bytes), zlib.gzipSync('')])],
  ] as const)('is read in the content coding %s', async (coding, encode) => {
    const headers = { 'content-encoding': coding, 'content-type': 'application/json' };

    const outcome = await outcomeOf(encode(Buffer.from(JSON.stringify({ TEXT }))), headers);

    expect(outcome).toMatchObject({ kind: 'succeeded', results: { body: { TEXT } } });
  });

  it('is requested in readable content codings, unless the task has its own header', async () => {
    await outcomeOf(Buffer.from(''), {});
    expect(asked['accept-encoding']).toMatch(/^gzip, deflate, br(, zstd)?$/);
    expect(asked['accept-encoding']?.includes('zstd')).toBe('zstdDecompress' in zlib);
  });

  it.each([
    ['a small one', {}, Buffer.alloc(100), []],
    ['one that says its length', { 'content-length': '20000' }, Buffer.alloc(20_000), [20_000]],
    ['one that does not', { 'transfer-encoding': 'chunked' }, Buffer.alloc(20_000), [30_000]],
    ['a coded one', { 'content-encoding': 'gzip' }, zlib.gzipSync(''), [30_000]],
  ] as const)('is read only when there is room for it: %s', async (_what, headers, body, asked) => {
    const roomy = new HttpTaskHandler(
      new AddressGuard(['127.0.0.0/8']),
      { ...LIMITS, responseBytesMax: 30_000 },
      someLimiter(),
    );
    answer = { body, headers };
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const rooms: number[] = [];
    const order: string[] = [];
    const roomForAnswer: TaskCall['roomForAnswer'] = async (bytes) => {
      rooms.push(bytes);
      await new Promise((resolve) => setTimeout(resolve, 20));
      order.push('room');
    };

    const outcome = await roomy.run({ ...aCall({ url }), roomForAnswer });
    order.push('read');
    roomy.close();

    expect(outcome.kind).toBe('succeeded');
    expect(rooms).toEqual(asked);
    expect(order).toEqual(asked.length > 0 ? ['room', 'read'] : ['read']);
  });

  it.each([
    ['gzip', zlib.gzipSync],
    ['deflate', zlib.deflateRawSync],
    ['br', zlib.brotliCompressSync],
  ] as const)('is bounded after it is decoded from %s', async (coding, encode) => {
    const bomb = encode(Buffer.alloc(100 * BYTES_MAX));
    expect(bomb.length).toBeLessThan(BYTES_MAX);

    expect(await outcomeOf(bomb, { 'content-encoding': coding })).toMatchObject({
      code: 'HTTP_RESPONSE_TOO_LARGE',
      retryable: false,
    });
  });

  it.each([
    [
      'unknown',
      { 'content-encoding': 'compress' },
      Buffer.from('x'),
      /unknown content coding "compress"/,
    ],
    [
      'broken',
      { 'content-encoding': 'gzip' },
      Buffer.from('{}'),
      /not in the content coding "gzip"/,
    ],
    [
      'cut off',
      { 'content-encoding': 'gzip' },
      zlib.gzipSync(TEXT).subarray(0, -12),
      /not in the content coding/,
    ],
    [
      'nested',
      { 'content-encoding': 'gzip, gzip, gzip, gzip' },
      Buffer.from('x'),
      /in 4 content codings/,
    ],
  ])('fails the task when its coding is %s', async (_what, headers, body, message) => {
    expect(await outcomeOf(body, headers)).toMatchObject({
      code: 'HTTP_RESPONSE_UNREADABLE',
      message: expect.stringMatching(message) as unknown,
      retryable: false,
    });
  });

  it('of a HEAD has no body to decode', async () => {
    const outcome = await outcomeOf(Buffer.from(''), { 'content-encoding': 'gzip' }, 200, 'HEAD');

    expect(outcome).toMatchObject({ kind: 'succeeded', results: { body: '' } });
  });

  it.each([
    ['ISO-8859-1', 'text/plain; charset=ISO-8859-1', Buffer.from('Grüße', 'latin1'), 'Grüße'],
    ['windows-1252', 'text/html;charset="windows-1252"', Buffer.from([0x80, 0x20, 0x96]), '€ –'],
    ['UTF-16', 'text/plain; charset=utf-16le', Buffer.from('Grüße', 'utf16le'), 'Grüße'],
    ['a mark of UTF-8', 'text/plain', Buffer.from('\ufeffGrüße'), 'Grüße'],
    ['a mark of UTF-16', 'text/plain', Buffer.from('\ufeffGrüße', 'utf16le'), 'Grüße'],
    ['JSON with a mark', 'application/json', Buffer.from('\ufeff{"a":1}'), { a: 1 }],
    [
      'JSON in Latin 1',
      'application/json; charset=latin1',
      Buffer.from('{"a":"ü"}', 'latin1'),
      { a: 'ü' },
    ],
    [
      'an unknown charset that is UTF-8',
      'text/plain; charset=x-mine',
      Buffer.from('Grüße'),
      'Grüße',
    ],
    ['an unknown charset', 'text/plain; charset=x-mine', Buffer.from([0xfc]), '/A=='],
    ['a charset that it is not in', 'text/plain; charset=utf-8', Buffer.from([0xfc]), '/A=='],
    ['bytes that look like a mark', 'image/x', Buffer.from([0xff, 0xfe, 0x41, 0x42]), '//5BQg=='],
  ])('is text by its charset: %s', async (_what, type, body, expected) => {
    expect(await outcomeOf(body, { 'content-type': type })).toMatchObject({
      results: { body: expected },
    });
  });

  it.each([
    ['JSON', 'application/json', '{"a":1}', { a: 1 }],
    ['a kind of JSON', 'application/problem+json', '[1]', [1]],
    ['what says it is JSON and is not', 'application/json', '{', '{'],
    ['text', 'text/plain', 'hello', 'hello'],
    ['bytes', 'application/octet-stream', Buffer.from([0xff, 0]), '/wA='],
    ['nothing', 'text/plain', '', ''],
    ['what has no type', '', 'hello', 'hello'],
  ])('is read as %s', async (_what, type, sent, body) => {
    const headers: Record<string, string> = type === '' ? {} : { 'content-type': type };

    expect(await outcomeOf(Buffer.from(sent as string), headers)).toMatchObject({
      kind: 'succeeded',
      results: { body },
    });
  });

  it.each([
    ['too large', Buffer.alloc(BYTES_MAX + 1), {}],
    ['in a coding that nobody knows', Buffer.from('x'), { 'content-encoding': 'compress' }],
  ])('fails by its status although its body is %s', async (_how, body, headers) => {
    expect(await outcomeOf(body, headers as Record<string, string>, 503)).toMatchObject({
      code: 'HTTP_STATUS',
      retryable: true,
      results: { statusCode: 503, body: null },
    });
  });

  it('gives what the paths of its results find, exactly, in the place of the body', async () => {
    const body = Buffer.from(
      '{"order":{"total":12345678901234567890.10,"items":[{"n":1},{"n":2}]}}',
    );
    answer = { body, headers: { 'content-type': 'application/json' } };
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const results = { total: '$.order.total', all: '$..n', last: '$.order.items[-1]', none: '$.x' };

    const outcome = await handler.run(aCall({ url, results }));

    if (outcome.kind !== 'succeeded') throw new Error(outcome.kind);
    const { headers: _, ...rest } = outcome.results;
    expect(toJsonText(rest)).toBe(
      '{"statusCode":200,"total":12345678901234567890.10,"all":[1,2],"last":{"n":2}}',
    );
  });

  it('keeps its body when it is a failure', async () => {
    answer = { body: Buffer.from('{"why":"no"}'), headers: JSON_TYPE, status: 404 };
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

    expect(await handler.run(aCall({ url, results: { total: '$.total' } }))).toMatchObject({
      kind: 'failed',
      code: 'HTTP_STATUS',
      results: { body: { why: 'no' } },
    });
  });

  it('fails when the paths of its results would visit too much', async () => {
    const roomy = new HttpTaskHandler(
      new AddressGuard(['127.0.0.0/8']),
      { ...LIMITS, responseBytesMax: 1_000_000, json: { nestingMax: 8, membersMax: 100_000 } },
      someLimiter(),
    );
    const list = JSON.stringify(Array.from({ length: 90_000 }, () => 1));
    answer = { body: Buffer.from(list), headers: JSON_TYPE };
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const paths = ['a', 'b', 'c'].map((name) => [name, '$[?@ > 2]'] as const);

    const outcome = await roomy.run(aCall({ url, results: Object.fromEntries(paths) }));
    roomy.close();

    expect(outcome).toMatchObject({ kind: 'failed', code: 'HTTP_RESPONSE_OUT_OF_BOUNDS' });
  });
});
