import { EVENT_LIMITS, shapesOfMoreThanLinearWork } from '@app/events/testing';
import { formTokenInPrefix, textsInPrefix } from './body-prefix.js';
import { readFormBody, readMultipartBody } from './webhooks/form-body.js';

const AROUND = [
  ['', ''],
  ['{"specversion":"1.0","data":"', '"}'],
  ['access_token=', '&'],
  ['--b\r\nContent-Disposition: form-data; name="', '"\r\n\r\n\r\n--b--'],
  ['--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n', '\r\n--b--'],
] as const;

describe('reading a body of 100,000 characters of the worst shape', () => {
  it.each<[string, (body: Buffer) => unknown]>([
    ['readFormBody', (body) => readFormBody(body, EVENT_LIMITS)],
    ['readMultipartBody', (body) => readMultipartBody(body, 'b', EVENT_LIMITS, 1_000_000)],
    [
      'readMultipartBody, of a boundary like it',
      (body) => readMultipartBody(body, '-'.repeat(70), EVENT_LIMITS, 1_000_000),
    ],
    ['textsInPrefix', (bytes) => textsInPrefix(bytes, new Set(['subject']))],
    ['formTokenInPrefix', formTokenInPrefix],
  ])('takes %s work in proportion to its length', (_, read) => {
    expect(shapesOfMoreThanLinearWork((text) => read(Buffer.from(text)), AROUND)).toEqual([]);
  });
});
