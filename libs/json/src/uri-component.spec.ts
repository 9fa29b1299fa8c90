import { anyText } from '@app/errors/testing';
import fc from 'fast-check';
import { uriComponent } from './uri-component.js';

describe(uriComponent.name, () => {
  it('is encodeURIComponent for text of characters', () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        expect(uriComponent(text)).toBe(encodeURIComponent(text));
      }),
    );
  });

  it('takes halves of surrogate pairs as UTF-8 does', () => {
    const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
    fc.assert(
      fc.property(fc.string({ unit }), (text) => {
        expect(decodeURIComponent(uriComponent(text))).toBe(Buffer.from(text).toString());
      }),
    );
  });
});
