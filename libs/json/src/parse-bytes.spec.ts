import { errorOf } from '@app/errors/testing';
import { BodyNotJsonError, parseJsonBytes } from './parse-bytes.js';
import { ExactNumber } from './exact-number.js';

describe(parseJsonBytes.name, () => {
  it('keeps the text beside the value', () => {
    expect(parseJsonBytes(Buffer.from('{ "ü": 1.0 }'))).toEqual({
      kind: 'parsed',
      text: '{ "ü": 1.0 }',
      value: { ü: ExactNumber.read('1.0') },
    });
  });

  it('ignores byte order marks at the beginning', () => {
    expect(parseJsonBytes(Buffer.from('\uFEFF[1]'))).toEqual({
      kind: 'parsed',
      text: '[1]',
      value: [1],
    });
    expect(parseJsonBytes(Buffer.from('\uFEFF\uFEFF[1]'))).toMatchObject({ text: '[1]' });
    expect(() => parseJsonBytes(Buffer.from(' \uFEFF[1]'))).toThrow(BodyNotJsonError);
  });

  it('reads the part of a larger buffer that it is given', () => {
    expect(parseJsonBytes(Buffer.from('xx[1]xx').subarray(2, 5))).toMatchObject({ value: [1] });
  });

  it.each([
    ['an overlong slash', [0x22, 0xc0, 0xaf, 0x22]],
    ['a surrogate', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['a character cut off', [0x22, 0xe2, 0x82, 0x22]],
    ['Latin-1', [0x22, 0xfc, 0x22]],
  ])('refuses bytes that are not UTF-8: %s', (_what, bytes) => {
    expect(() => parseJsonBytes(Uint8Array.from(bytes))).toThrow(
      new BodyNotJsonError('it is not valid UTF-8'),
    );
  });

  it.each([
    ['', 'it is empty'],
    ['{"a":1,}', 'syntax error at character 7'],
    ['secret', 'syntax error'],
    ['{"a":', 'syntax error'],
    ['NaN', 'syntax error'],
  ])('says of "%s" no more than: %s', (text, reason) => {
    const error = errorOf(() => parseJsonBytes(Buffer.from(text)));

    expect(error).toMatchObject({
      code: 'BODY_NOT_JSON',
      message: `The body is not JSON: ${reason}`,
    });
    expect(error.cause).toBeUndefined();
  });

  it.each([
    ['[[[]]]', { nestingMax: 2, membersMax: 9 }, /deeper than 2 .*JSON_NESTING_MAX/],
    ['[1,2,3]', { nestingMax: 2, membersMax: 2 }, /more than 2 .*JSON_MEMBERS_MAX/],
  ])('does not parse %s beyond its limits, and names the setting', (text, limits, detail) => {
    expect(parseJsonBytes(Buffer.from(text), limits)).toEqual({
      kind: 'beyond',
      detail: expect.stringMatching(detail) as string,
    });
    expect(parseJsonBytes(Buffer.from(text))).toMatchObject({ kind: 'parsed', text });
  });
});
