import { EVENT_LIMITS, shapesOfMoreThanLinearWork } from '@app/events/testing';
import { formTokenAtBeginning, textsAtBeginning } from './beginning.js';
import { readFormBody } from './webhooks/form-body.js';

const AROUND = [
  ['', ''],
  ['{"specversion":"1.0","data":"', '"}'],
  ['access_token=', '&'],
] as const;

describe('reading a body of 100,000 characters of the worst shape', () => {
  it.each<[string, (body: Buffer) => unknown]>([
    ['readFormBody', (body) => readFormBody(body, EVENT_LIMITS)],
    ['textsAtBeginning', (bytes) => textsAtBeginning(bytes, new Set(['subject']))],
    ['formTokenAtBeginning', formTokenAtBeginning],
  ])('takes %s work in proportion to its length', (_, read) => {
    expect(shapesOfMoreThanLinearWork((text) => read(Buffer.from(text)), AROUND)).toEqual([]);
  });
});
