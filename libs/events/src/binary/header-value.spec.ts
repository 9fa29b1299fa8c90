import fc from 'fast-check';
import { anyText } from '@app/errors/testing';
import { decodeHeaderValue, encodeHeaderValue } from './header-value.js';

describe(encodeHeaderValue.name, () => {
  it.each([
    ['Euro € 😀', 'Euro%20%E2%82%AC%20%F0%9F%98%80'],
    ['100% "sure"', '100%25%20%22sure%22'],
    ["/a/b?c=d&e!'()*~", "/a/b?c=d&e!'()*~"],
  ])('writes %s as %s', (value, header) => {
    expect(encodeHeaderValue(value)).toBe(header);
  });

  it('writes ASCII that is read back as it was', () => {
    fc.assert(
      fc.property(anyText(), (value) => {
        const header = encodeHeaderValue(value);

        expect(header).toMatch(/^[\x21-\x7e]*$/);
        expect(decodeHeaderValue(header)).toEqual({ kind: 'value', value });
      }),
    );
  });
});

describe(decodeHeaderValue.name, () => {
  it.each([
    ['plain text', 'plain text'],
    ['  trimmed  ', 'trimmed'],
    ['%e2%82%ac', '€'],
    ['%41', 'A'],
    ['%2541', '%41'],
    ['"a b"', 'a b'],
    ['"a \\"b\\" \\\\"', 'a "b" \\'],
    ['"%22"', '"'],
    ['a "b" c', 'a "b" c'],
    ['""', ''],
  ])('reads %s as %s', (header, value) => {
    expect(decodeHeaderValue(header)).toEqual({ kind: 'value', value });
  });

  it.each(['%C0%A0', '%ED%A0%80', '%FF', '%E2%82', '"open', '"a"b"', '"', 'Grüße'])(
    'refuses %s',
    (header) => {
      expect(decodeHeaderValue(header).kind).toBe('wrong');
    },
  );
});

describe('a % that begins no escape', () => {
  it.each([
    ['100%', '100%'],
    ['50%25%', '50%%'],
    ['%zz%41', '%zzA'],
  ])('is taken as it is in %s', (header, value) => {
    expect(decodeHeaderValue(header)).toEqual({ kind: 'value', value });
  });
});
