import fc from 'fast-check';
import { parseExact, stringifyExact } from './json.js';

describe(parseExact.name, () => {
  it('is JSON.parse where a double holds every integer', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        fc.pre(!/\d{16}/.test(text));
        expect(parseExact(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('keeps integers of any length when it reads and writes', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 2n ** 53n }), fc.string(), (big, text) => {
        const value = { big, minus: [-big], text, like: `${text}${big}`, small: 7 };
        const written = stringifyExact(value);

        expect(written).toContain(`"big":${big},"minus":[-${big}]`);
        expect(parseExact(written)).toEqual(value);
      }),
    );
  });

  it('leaves fractions and digits in strings as they are', () => {
    const text = '{"a":0.12345678901234567890,"b":1e300,"c":"12345678901234567890 \\" 9"}';

    expect(parseExact(text)).toEqual(JSON.parse(text));
  });

  it('throws for text that is not JSON', () => {
    expect(() => parseExact('[12345678901234567890')).toThrow(SyntaxError);
  });
});
