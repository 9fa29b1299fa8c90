import { type JsonValue, toJsonText } from '@app/json';
import fc from 'fast-check';
import { fitsAsJson } from './json.js';

describe('fitsAsJson', () => {
  it('is the length of the text, escapes counted, also where no text is made', () => {
    const unit = fc.constantFrom('a', '"', '\u0000', '\n', '\ud800', 'é');
    const text = fc.oneof(fc.string(), fc.string({ unit, maxLength: 20 }));
    const value = fc.oneof(fc.jsonValue(), text, fc.array(text), fc.dictionary(text, text));
    fc.assert(
      fc.property(value, fc.integer({ min: 0, max: 400 }), (value, charsMax) => {
        const json = value as JsonValue;
        if (fitsAsJson(json, charsMax))
          expect(toJsonText(json).length).toBeLessThanOrEqual(charsMax);
      }),
    );
  });

  it('takes a text of the longest escapes up to the last character', () => {
    const value = '\u0000'.repeat(100);
    expect(fitsAsJson(value, 602)).toBe(true);
    expect(fitsAsJson(value, 601)).toBe(false);
  });
});
