import { type JsonObject, type JsonValue } from '@app/json';
import { http } from './http.js';

const URL = 'https://example.org/a?b=c';

function callOf(params: JsonObject): unknown {
  const reached = http.reach({ url: URL, ...params });
  return reached.kind === 'call' ? reached.params : reached;
}

describe('an http task', () => {
  it('is a GET without headers and body when it says nothing else', () => {
    expect(callOf({})).toEqual({ url: URL, method: 'GET', headers: {} });
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
      headers: { 'X-Count': '5', Accept: 'text/plain' },
    });
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
  ] as [string, JsonValue][])('refuses %s %j, before the run and in it', (param, value) => {
    expect(http.params.get(param)?.problem(value)).toMatch(/^must be/);
    expect(callOf({ [param]: value })).toMatchObject({ kind: 'invalid', param });
  });
});
