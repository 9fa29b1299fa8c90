import { ExactNumber } from '@app/json';
import { BodyNotJsonError } from '../errors.js';
import { errorOf } from '../testing/error-of.js';
import { parseJsonBytes } from './parse-json.js';
import { EVENT_LIMITS } from '../testing/event-limits.js';

describe(parseJsonBytes.name, () => {
  it('keeps the text beside the value', () => {
    expect(parseJsonBytes(Buffer.from('{ "ü": 1.0 }'), EVENT_LIMITS)).toEqual({
      text: '{ "ü": 1.0 }',
      value: { ü: ExactNumber.read('1.0') },
    });
  });

  it('ignores one byte order mark at the beginning', () => {
    expect(parseJsonBytes(Buffer.from('\uFEFF[1]'), EVENT_LIMITS)).toEqual({
      text: '[1]',
      value: [1],
    });
    expect(() => parseJsonBytes(Buffer.from('\uFEFF\uFEFF[1]'), EVENT_LIMITS)).toThrow(
      BodyNotJsonError,
    );
  });

  it('reads the part of a larger buffer that it is given', () => {
    expect(parseJsonBytes(Buffer.from('xx[1]xx').subarray(2, 5), EVENT_LIMITS).value).toEqual([1]);
  });

  it.each([
    ['an overlong slash', [0x22, 0xc0, 0xaf, 0x22]],
    ['a surrogate', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['a character cut off', [0x22, 0xe2, 0x82, 0x22]],
    ['Latin-1', [0x22, 0xfc, 0x22]],
  ])('refuses bytes that are not UTF-8: %s', (_what, bytes) => {
    const rejection = errorOf(() => parseJsonBytes(Uint8Array.from(bytes), EVENT_LIMITS));

    expect(rejection.message).toBe('The body is not JSON: it is not valid UTF-8');
  });

  it.each([
    ['', 'it is empty'],
    ['{"a":1,}', 'syntax error at character 7'],
    ['secret', 'syntax error'],
    ['{"a":', 'syntax error'],
    ['NaN', 'syntax error'],
  ])('says of "%s" no more than: %s', (text, reason) => {
    const rejection = errorOf(() => parseJsonBytes(Buffer.from(text), EVENT_LIMITS));

    expect(rejection).toMatchObject({
      code: 'BODY_NOT_JSON',
      message: `The body is not JSON: ${reason}`,
    });
    expect(rejection.cause).toBeUndefined();
  });

  it.each([
    ['[[[]]]', { nestingMax: 2, membersMax: 9 }, /deeper than 2 .*JSON_NESTING_MAX/],
    ['[1,2,3]', { nestingMax: 2, membersMax: 2 }, /more than 2 .*JSON_MEMBERS_MAX/],
  ])('refuses %s beyond its limits, and names the setting', (text, limits, detail) => {
    const rejection = errorOf(() => parseJsonBytes(Buffer.from(text), limits));

    expect(rejection).toMatchObject({ code: 'BODY_OUT_OF_BOUNDS' });
    expect(rejection.problems).toEqual([
      { path: '', detail: expect.stringMatching(detail) as string },
    ]);
    expect(parseJsonBytes(Buffer.from(text), undefined).text).toBe(text);
  });
});
