import { parseJson, toJsonText } from '@app/json';
import fc from 'fast-check';
import { maskOf } from './mask.js';

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

  it('takes the longer of two that begin alike', () => {
    expect(maskOf(['abcdefgh', 'abcdefghij']).text('abcdefghij')).toBe('***');
  });
});
