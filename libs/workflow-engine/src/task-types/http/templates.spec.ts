import fc from 'fast-check';
import { type HttpCallParams } from '../../state/http-call.js';
import { type JsonObject, type JsonValue } from '@app/json';
import { paramTemplates } from '../param-templates.js';
import { resolveParams } from '../../parameters/resolve.js';
import { aScope, aTaskContext } from '../../testing/builders.js';
import { http } from './http.js';

/** What is called for parameters as an author writes them, when the event brings `params`. */
function callOf(written: JsonObject, params: JsonObject): HttpCallParams | { message: string } {
  const list = Object.entries(written).map(([name, value]) => ({ name, value }));
  const { ordered } = paramTemplates(list, '', () => undefined, http);
  const sources = {
    scope: aScope(params),
    given: params,
    secretParams: new Set<string>(),
    pathStepsMax: 1_000,
    defaults: {},
    tasks: {},
  };
  const resolution = resolveParams(ordered, sources);
  if (resolution.kind === 'unresolved') return resolution;
  const reached = http.reach(resolution.params, aTaskContext());
  if (reached.kind === 'effect' && reached.effect.type === 'http') return reached.effect.params;
  return { message: reached.kind === 'invalid' ? reached.detail : reached.kind };
}

function urlOf(url: string, params: JsonObject): string {
  const call = callOf({ url }, params);
  return 'url' in call ? call.url : `refused: ${call.message}`;
}

/** Texts that strangers send: with everything that has a meaning in some syntax. */
const CHARS = Array.from('aZ0/\\?#&=%+;:@. \'"<>{}[]()$\r\n\t\0ü漢😀');
const text = fc.string({ unit: fc.constantFrom(...CHARS) });

describe('a value in the query of a URL', () => {
  it('cannot add to the query, whatever it is', () => {
    fc.assert(
      fc.property(text, (q) => {
        const url = new URL(urlOf('https://x.org/search?q=$(params.q)&safe=1', { q }));

        expect([url.origin, url.pathname, url.hash]).toEqual(['https://x.org', '/search', '']);
        expect([...url.searchParams]).toEqual([
          ['q', q],
          ['safe', '1'],
        ]);
      }),
    );
  });

  it.each([
    [5, 'q=5'],
    [true, 'q=true'],
    [{ a: [1] }, 'q=%7B%22a%22%3A%5B1%5D%7D'],
    ["it's (a) *!", 'q=it%27s%20%28a%29%20%2A%21'],
  ])('%j is %s', (q, query) => {
    expect(urlOf('https://x.org/?q=$(params.q)', { q })).toBe(`https://x.org/?${query}`);
  });
});

describe('a value in the path of a URL', () => {
  it('is one segment, whatever it is', () => {
    fc.assert(
      fc.property(text, (id) => {
        fc.pre(!['.', '..'].includes(id));
        const url = new URL(urlOf('https://x.org/users/$(params.id)/keys?a=1', { id }));

        expect([url.origin, url.search, url.hash]).toEqual(['https://x.org', '?a=1', '']);
        const [, users, segment, keys, ...more] = url.pathname.split('/');
        expect([users, keys, more]).toEqual(['users', 'keys', []]);
        expect(decodeURIComponent(segment ?? '')).toBe(id);
      }),
    );
  });

  it.each([
    ['https://x.org/users/$(params.id)/keys', '..'],
    ['https://x.org/users/$(params.id)', '.'],
    ['https://x.org/users/.$(params.id)', '.'],
    ['https://x.org/users/%2e$(params.id)?x', '.'],
  ])('%s cannot be taken away by "%s"', (url, id) => {
    expect(urlOf(url, { id })).toMatch(/^refused: \$\(params\.id\) would be the path segment/);
  });

  it('keeps dots that take nothing away', () => {
    expect(urlOf('https://x.org/a?up=$(params.id)', { id: '..' })).toBe('https://x.org/a?up=..');
    expect(urlOf('https://x.org/v$(params.id)', { id: '..' })).toBe('https://x.org/v..');
  });
});

describe('a value where the host stands', () => {
  it.each([
    ['https://$(params.x)/a', 'api.example.org', 'https://api.example.org/a'],
    ['http://$(params.x)/a', 'localhost:8080', 'http://localhost:8080/a'],
    ['http://$(params.x)/a', '[::1]:80', 'http://[::1]:80/a'],
    ['http://host:$(params.x)/a', 8080, 'http://host:8080/a'],
    ['https://$(params.x).example.org/', 'eu', 'https://eu.example.org/'],
    ['https://node-$(params.x)/', 7, 'https://node-7/'],
    ['https://me:$(params.x)@x.org/', 'p@ss/w', 'https://me:p%40ss%2Fw@x.org/'],
  ])('%s with %j is %s', (url, x, whole) => {
    expect(urlOf(url, { x })).toBe(whole);
  });

  it.each([
    ['https://api.example.org$(params.x)', '.evil.org'],
    ['https://api.example.org$(params.x)', '@evil.org'],
    ['https://api.example.org$(params.x)', '/path'],
    ['https://api-$(params.x)', 'x.evil.org'],
  ])('%s cannot become another host by %j', (url, x) => {
    expect(urlOf(url, { x })).toMatch(/^refused: \$\(params\.x\) stands within the name of a host/);
  });

  it('does not end the host, whatever it is', () => {
    fc.assert(
      fc.property(text, (x) => {
        const url = urlOf('https://$(params.x).example.org/path', { x });
        fc.pre(URL.canParse(url));

        expect(new URL(url).hostname).toMatch(/(^|\.)example\.org$/);
      }),
    );
  });
});

describe('a reference that is a URL or a part of one', () => {
  const base = 'https://x.org/api?key=1';

  it.each([
    ['$(params.base)', { base }, base],
    ['$(url:params.base)', { base }, base],
    [
      '$(params.base)/orders/$(params.id)',
      { base: 'https://x.org', id: 'a/b' },
      'https://x.org/orders/a%2Fb',
    ],
    ['https://x.org/$(url:params.path)', { path: 'a/b?c=d' }, 'https://x.org/a/b?c=d'],
    [
      'https://x.org/go?to=$(params.base)',
      { base },
      'https://x.org/go?to=https%3A%2F%2Fx.org%2Fapi%3Fkey%3D1',
    ],
  ])('%s is taken as the author means it', (url, params: JsonObject, whole) => {
    expect(urlOf(url, params)).toBe(whole);
  });

  it('must be one when it is the beginning', () => {
    expect(urlOf('$(params.base)/x', { base: 'x.org' })).toMatch(/must be an http/);
  });
});

describe('a value in other parameters', () => {
  it('is a field of the query and of a form, whatever it is', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        const fields = { a: '$(params.a)', list: ['$(params.b)', 'x'] };
        const written = { url: 'https://x.org/?o=1', query: fields, form: fields };
        const call = callOf(written, { a, b }) as HttpCallParams;

        const expected = [
          ['a', a],
          ['list', b],
          ['list', 'x'],
        ];
        expect([...new URL(call.url).searchParams]).toEqual([['o', '1'], ...expected]);
        expect([...new URLSearchParams(call.body as string)]).toEqual(expected);
      }),
    );
  });

  it('is a value of a JSON body, whatever it is', () => {
    fc.assert(
      fc.property(text, (x) => {
        const body: JsonValue = { whole: '$(params.x)', within: ['<$(params.x)>'] };

        expect(callOf({ url: 'https://x.org', body }, { x })).toMatchObject({
          body: { whole: x, within: [`<${x}>`] },
        });
      }),
    );
  });

  it('comes into the text of a body as it is', () => {
    expect(callOf({ url: 'https://x.org', body: '<$(params.x)>' }, { x: '"&%' })).toMatchObject({
      body: '<"&%>',
    });
  });

  it('cannot begin another header, whatever it is', () => {
    fc.assert(
      fc.property(text, (x) => {
        const headers = { 'X-Of-Event': 'a $(params.x)' };
        const call = callOf({ url: 'https://x.org', headers }, { x });

        if (/^[\t\x20-\x7e]*$/.test(x)) {
          expect(call).toMatchObject({ headers: [['X-Of-Event', `a ${x}`]] });
        } else expect(call).toHaveProperty('message');
      }),
    );
  });
});
