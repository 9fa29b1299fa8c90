import { encodeComponent } from '@app/workflow-engine';
import { parseJson, toJsonText } from '@app/json';
import { jest } from '@jest/globals';
import fc from 'fast-check';
import { anyText } from '@app/errors/testing';
import { maskOf } from './mask.js';

/** Characters that encodings treat differently. */
const HARD = "it's (very) secret!";
const SECRET = 'p/ss "w" +&=ä-word';

describe(maskOf, () => {
  it.each([
    ['as it is', SECRET],
    ['within a text', `before ${SECRET} after`],
    ['as JSON', JSON.stringify(SECRET)],
    ['as JSON of another writer', JSON.stringify(SECRET).replaceAll('/', String.raw`\/`)],
    ['in a URL', `https://x/?q=${encodeURIComponent(SECRET)}`],
    ['in a URL of lower case', encodeURIComponent(SECRET).replace(/%../g, (e) => e.toLowerCase())],
    ['in a form', new URLSearchParams({ q: SECRET }).toString().replace(/%../g, (e) => e)],
    ['as Basic', Buffer.from(`user:${SECRET}`).toString('base64')],
  ])('finds a secret %s', (_where, text) => {
    const masked = maskOf([SECRET]).text(text);

    expect(masked).toContain('***');
    expect(masked).not.toMatch(/word|w%22|cGFzcy/);
  });

  it('finds it in base64 wherever it begins there', () => {
    const text = fc.string({ maxLength: 12 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        for (const code of ['base64', 'base64url'] as const) {
          const sent = Buffer.from(before + SECRET + after).toString(code);
          const left = Buffer.from(maskOf([SECRET]).text(sent).replace('***', ''), code);
          expect(left.includes(SECRET.slice(2, -2))).toBe(false);
          expect(maskOf([SECRET]).text(sent)).toContain('***');
        }
      }),
    );
  });

  const writers: Readonly<Record<string, (text: string) => string>> = {
    'as it is': (text) => text,
    'in a URL': encodeURIComponent,
    'in a URL, in lower case': (text) =>
      encodeURIComponent(text).replace(/%../g, (escape) => escape.toLowerCase()),
    'in a form': (text) => new URLSearchParams([['', text]]).toString().slice(1),
    'as each byte': (text) =>
      [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
    'as JSON': (text) => JSON.stringify(text).slice(1, -1),
    'as JSON of ASCII': (text) =>
      JSON.stringify(text)
        .slice(1, -1)
        .replace(/[^ -~]/g, inUnits),
    'as JSON for HTML': (text) =>
      JSON.stringify(text)
        .slice(1, -1)
        .replaceAll('/', String.raw`\/`)
        .replace(/[<>&']/g, inUnits),
    'as JSON of numbers': (text) => text.replace(/[^]/g, inUnits),
  };

  it('finds any secret in up to three layers of what writers make of it', () => {
    const chars = fc.oneof(
      fc.constantFrom(...Array.from('%\\"+/ u0041n&<>=')),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
    );
    const secrets = fc
      .array(chars, { minLength: 8, maxLength: 20 })
      .map((all) => `s${all.join('')}s`);
    const layers = fc.array(fc.constantFrom(...Object.keys(writers)), { maxLength: 3 });
    fc.assert(
      fc.property(secrets, layers, (secret, names) => {
        const write = (text: string): string =>
          names.reduce((written, name) => writers[name]?.(written) ?? '', text);

        expect(maskOf([secret]).text(`${write('x.y')}${write(secret)}${write('z-')}`)).toBe(
          `${write('x.y')}***${write('z-')}`,
        );
      }),
      { numRuns: 500 },
    );
  });

  it('finds one with halves of surrogate pairs, as JSON may bring it', () => {
    const unit = fc.integer({ min: 0xd700, max: 0xe0ff }).map((code) => String.fromCharCode(code));
    fc.assert(
      fc.property(fc.string({ unit, minLength: 8, maxLength: 12 }), (secret) => {
        const mask = maskOf([secret]);

        expect(mask.text(JSON.stringify([secret]))).toBe('["***"]');
        expect(mask.text(`x${Buffer.from(secret).toString()}y`)).toBe('x***y');
      }),
    );
  });

  it.each([
    ['a form', encodeComponent(HARD).replaceAll('%20', '+')],
    ['a URL', encodeComponent(HARD)],
  ])('finds it in base64 of %s as we send it', (_where, sent) => {
    const echo = Buffer.from(`a=${sent}&b=1`).toString('base64');

    const left = Buffer.from(maskOf([HARD]).text(echo).replace('***', ''), 'base64').toString();

    expect(left).not.toMatch(/very|secret|%27/);
  });

  it('finds it in base64 of JSON, wrapped, and in a URL', () => {
    const sent = Buffer.from(JSON.stringify({ user: 'user', pass: SECRET, more: 'x'.repeat(80) }));
    const wrapped = sent.toString('base64').replace(/.{20}/g, (line) => `${line}\r\n`);
    const inUrl = encodeURIComponent(sent.toString('base64'));

    for (const text of [wrapped, inUrl, JSON.stringify({ wrapped })]) {
      expect(maskOf([SECRET]).text(text)).toContain('***');
      expect(Buffer.from(maskOf([SECRET]).text(text), 'base64').toString()).not.toContain('word');
    }
  });

  it('leaves a text as it is that has none, whatever it has', () => {
    const text = anyText({ maxLength: 50 });
    fc.assert(
      fc.property(text, (given) => {
        expect(maskOf(['not in any of them']).text(given)).toBe(given);
      }),
    );
  });

  it('goes through results, names of members and numbers as well', () => {
    const mask = maskOf(['12345678', SECRET]);
    const results = {
      n: parseJson('12345678'),
      exact: parseJson('1234567890123456789012345678'),
      other: 1,
      list: [{ [SECRET]: SECRET }],
      none: null,
    };

    const outcome = mask.outcome({ kind: 'succeeded', results } as never);

    expect(toJsonText(outcome as never)).toBe(
      '{"kind":"succeeded","results":{"n":"***","exact":"***","other":1,"list":[{"***":"***"}],"none":null}}',
    );
  });

  it('finds in each of many texts what it finds in one, and nothing across two', () => {
    const part = fc.constantFrom('abcd', 'abcdefgh', '%61bcdefgh', 'efgh', '+', '', 'é', '\n', '1');
    const text = fc.array(part, { maxLength: 4 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.array(text), fc.dictionary(text, text), (list, members) => {
        const mask = maskOf(['abcdefgh', 'éabcd']);
        const ofMembers = Object.entries(members).map(([name, one]) => [name, one].map(mask.text));

        expect(mask.value(list)).toEqual(list.map(mask.text));
        expect(mask.value({ list, members })).toEqual({
          list: list.map(mask.text),
          members: Object.fromEntries(ofMembers) as unknown,
        });
      }),
    );
  });

  it('searches once for each form, however many texts there are', () => {
    const includes = jest.spyOn(Buffer.prototype, 'includes');
    const mask = maskOf(['abcdefgh', SECRET]);
    const searchesIn = (texts: number): number => {
      includes.mockClear();
      mask.value(Array.from({ length: texts }, (_, n) => `text ${n}`));
      return includes.mock.calls.length;
    };

    expect(searchesIn(1)).toBeGreaterThan(0);
    expect(searchesIn(10_000)).toBe(searchesIn(1));
    includes.mockRestore();
  });

  it('finds it in texts that are too long to be searched together', () => {
    const long = 'x'.repeat(200_000);
    const texts = [long, SECRET, `${long}${SECRET}`, '', long.repeat(2), SECRET];

    expect(maskOf([SECRET]).value(texts)).toEqual([
      long,
      '***',
      `${long}***`,
      '',
      long.repeat(2),
      '***',
    ]);
  });

  it('takes the longer of two that begin alike', () => {
    expect(maskOf(['abcdefgh', 'abcdefghij']).text('abcdefghij')).toBe('***');
  });
});

/** Each code unit as JSON may write it, in either case. */
function inUnits(text: string): string {
  return Array.from({ length: text.length }, (_, at) => {
    const hex = text.charCodeAt(at).toString(16).padStart(4, '0');
    return `\\u${at % 2 === 0 ? hex : hex.toUpperCase()}`;
  }).join('');
}
