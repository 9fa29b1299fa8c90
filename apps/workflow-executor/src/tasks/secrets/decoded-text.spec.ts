import { anyText } from '@app/errors/testing';
import fc from 'fast-check';
import { decodedOnce, type DecodedText, searchedBytes, undecoded } from './decoded-text.js';

function read(text: string): DecodedText {
  return undecoded(Buffer.from(text));
}

describe(decodedOnce.name, () => {
  it.each([0, 0x41, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfffd, 0xffff, 0x10000, 0x10ffff])(
    'reads the escapes of JSON of %i as UTF-8 has it',
    (code) => {
      const text = String.fromCodePoint(code);
      const units = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
      const escaped = units.map((unit) => String.raw`\u` + unit.toString(16).padStart(4, '0'));

      expect(decodedOnce(read(escaped.join('')))?.bytes).toEqual(read(text).bytes);
    },
  );

  it.each([
    [String.raw`\ud800`, '\ufffd'],
    [String.raw`\udc00\ud800`, '\ufffd\ufffd'],
    [String.raw`\ud800\u0041`, '\ufffdA'],
    [String.raw`\ud800\ud800\udc00`, '\ufffd\u{10000}'],
    [String.raw`%4a%4B%4%zz\u12\x\n%0A\"`, String.raw`JK%4%zz\u12\x"`],
  ])('reads %s as %s', (written, meant) => {
    expect(decodedOnce(read(written))?.bytes.toString()).toBe(meant);
  });

  it('says which bytes of the text each byte stands for', () => {
    const layer = decodedOnce(read(String.raw`a%25\u20acb`));

    expect([layer?.starts, layer?.ends].map((one) => [...(one ?? [])])).toEqual([
      [0, 1, 4, 4, 4, 10],
      [1, 4, 10, 10, 10, 11],
    ]);
  });

  it('has nothing to take off where there are no escapes', () => {
    expect(decodedOnce(read(String.raw`100% \u123 \x`))).toBeUndefined();
  });
});

describe(searchedBytes.name, () => {
  it('is what a search sees of a text', () => {
    const text = fc.array(fc.oneof(anyText({ maxLength: 3 }), fc.constantFrom('+', '\r', '\n')));
    fc.assert(
      fc.property(text, (parts) => {
        expect(searchedBytes(parts.join(''))).toEqual(read(parts.join('')).bytes);
      }),
    );
  });
});
