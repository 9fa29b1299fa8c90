import { type JsonObject, type JsonValue } from '@app/json';
import { aTaskContext } from '../../testing/builders.js';
import { http } from './http.js';

const URL = 'https://example.org/a?b=c';

function callOf(params: JsonObject): unknown {
  const reached = http.reach({ url: URL, ...params }, aTaskContext());
  return reached.kind === 'effect' ? reached.effect.params : reached;
}

describe('an http task', () => {
  it('is a GET without headers and body when it says nothing else', () => {
    expect(callOf({})).toEqual({ url: URL, method: 'GET', headers: [] });
  });

  it.each([
    ['an object', { 'X-Count': 5, Accept: 'text/plain' }],
    [
      'an array',
      [
        { name: 'X-Count', value: '5' },
        { name: 'Accept', value: 'text/plain' },
      ],
    ],
  ] as [string, JsonValue][])('takes headers as %s', (_form, headers) => {
    expect(callOf({ headers })).toMatchObject({
      headers: [
        ['X-Count', '5'],
        ['Accept', 'text/plain'],
      ],
    });
  });

  it.each([
    ['a list in an object', { 'X-A': ['1', '2'] }],
    [
      'a name that is there twice',
      [
        { name: 'X-A', value: '1' },
        { name: 'X-A', value: '2' },
      ],
    ],
  ] as [string, JsonValue][])('keeps both headers of one name: %s', (_form, headers) => {
    expect(callOf({ headers })).toMatchObject({
      headers: [
        ['X-A', '1'],
        ['X-A', '2'],
      ],
    });
  });

  it.each([
    ['an object', { b: 'x y', a: ['1', 2], no: null, 'k&': true }, 'b=x%20y&a=1&a=2&k%26=true'],
    ['an array', [{ name: 'a', value: '&#?/+%' }], 'a=%26%23%3F%2F%2B%25'],
    ['nothing', {}, undefined],
    ['half a surrogate pair', { a: '\ud800' }, 'a=%EF%BF%BD'],
  ] as [string, JsonValue, string | undefined][])('adds a query from %s', (_form, query, text) => {
    const added = (url: string): unknown => (callOf({ url, query }) as { url: string }).url;

    expect(added('https://a.org/x')).toBe(`https://a.org/x${text === undefined ? '' : `?${text}`}`);
    expect(added('https://a.org/x?o=1#f')).toBe(
      `https://a.org/x?o=1${text === undefined ? '' : `&${text}`}#f`,
    );
  });

  it('sends a form as a POST of its own type, unless it says otherwise', () => {
    const form = { 'a b': ['ü', '2'], no: null, c: '1+1=2 & so on' };
    const body = 'a+b=%C3%BC&a+b=2&c=1%2B1%3D2+%26+so+on';

    expect(callOf({ form })).toMatchObject({
      method: 'POST',
      headers: [['Content-Type', 'application/x-www-form-urlencoded']],
      body,
    });
    const headers = { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' };
    expect(callOf({ form, method: 'put', headers })).toMatchObject({
      method: 'PUT',
      headers: Object.entries(headers),
      body,
    });
  });

  it.each([
    [404, [{ from: 404, to: 404 }]],
    ['2xx', [{ from: 200, to: 299 }]],
    [
      ['200-204', '404', '3XX'],
      [
        { from: 200, to: 204 },
        { from: 404, to: 404 },
        { from: 300, to: 399 },
      ],
    ],
  ] as [JsonValue, unknown][])('takes %j as the statuses it expects', (expectedStatus, ranges) => {
    expect(callOf({ expectedStatus })).toMatchObject({ expectedStatus: ranges });
  });

  it.each([['text'], [null], [0], [{ a: [1] }]])('takes %j as a body', (body) => {
    expect(callOf({ method: 'post', body })).toMatchObject({ method: 'POST', body });
  });

  it.each([
    ['url', 'ftp://example.org'],
    ['url', 'example.org'],
    ['url', 'https://'],
    ['url', 'https://exa mple.org'],
    ['url', 'https://example.org/\n'],
    ['url', 5],
    ['url', `https://example.org/${'x'.repeat(9_000)}`],
    ['method', 'FETCH'],
    ['method', 1],
    ['headers', 'Accept: text/plain'],
    ['headers', { 'bad name': 'x' }],
    ['headers', { '': 'x' }],
    ['headers', { accept: 'x\r\nhost: evil' }],
    ['headers', { accept: { deep: 1 } }],
    ['headers', [{ name: 'accept' }]],
    ['headers', [5]],
    ['headers', { Connection: 'keep-alive' }],
    ['headers', { 'transfer-encoding': 'chunked' }],
    ['query', 'a=1'],
    ['query', { a: { b: 1 } }],
    ['query', { a: [[1]] }],
    ['query', [{ name: 1, value: 1 }]],
    ['form', [{ name: 'a' }]],
    ['expectedStatus', []],
    ['expectedStatus', 100],
    ['expectedStatus', '1xx'],
    ['expectedStatus', '204-200'],
    ['expectedStatus', 'ok'],
    ['expectedStatus', 600],
    ['expectedStatus', { from: 200 }],
  ] as [string, JsonValue][])('refuses %s %j, before the run and in it', (param, value) => {
    expect(http.params.get(param)?.problem(value)).toMatch(/^must be/);
    expect(callOf({ [param]: value })).toMatchObject({ kind: 'invalid', param });
  });

  it('says so when the query makes the URL too long', () => {
    expect(callOf({ query: { a: 'x'.repeat(9_000) } })).toMatchObject({
      kind: 'invalid',
      param: 'query',
    });
  });

  it('takes names of results with their JSONPaths', () => {
    const results = { total: '$.order.total', names: '$.items[?@.price > 1].name' };

    expect(callOf({ results })).toMatchObject({ results });
    expect(callOf({})).not.toHaveProperty('results');
  });

  it.each([
    [[], 'must be an object of 1 to 50 names'],
    [{}, 'must be an object of 1 to 50 names'],
    [{ a: 1 }, 'has "a", which must be a JSONPath'],
    [{ a: 'order.total' }, 'has "a", which is no JSONPath: '],
    [{ body: '$' }, 'has "body", which is a result of every http task'],
    [{ 'a.b': '$' }, 'has "a.b", which '],
  ] as [JsonValue, string][])('refuses the results %j', (results, detail) => {
    expect(callOf({ results })).toMatchObject({
      kind: 'invalid',
      param: 'results',
      detail: expect.stringContaining(detail) as string,
    });
  });
});
