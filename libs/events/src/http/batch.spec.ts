import { errorOf } from '@app/errors/testing';
import { checkEvent } from '../event/check-event.js';
import { BodyNotJsonError } from '@app/json';
import { BatchTooLargeError, InvalidBatchError } from '../errors.js';
import { NO_HEADERS } from '../testing/as-sent.js';
import { EVENT_LIMITS } from '../testing/event-limits.js';
import { type RawEvent } from '../event/cloud-event.js';
import { readHttpMessage } from './read-http.js';

function entry(id: string, more = ''): string {
  return `{"specversion":"1.0","id":"${id}","source":"/s","type":"t"${more}}`;
}

function read(body: string): readonly RawEvent[] {
  const message = readHttpMessage('batch', NO_HEADERS, Buffer.from(body), {
    ...EVENT_LIMITS,
    batchEventsMax: 3,
  });
  return message.kind === 'batch' ? message.events : [];
}

describe('a batch', () => {
  it('gives each event or its problems, in order, with the text of its own data', () => {
    const checks = read(
      `[ ${entry('a', ', "data": 1.0')}, {"id":7}, ${entry('b', ',"data":{"x":[2]}')} ]`,
    ).map(checkEvent);

    expect(checks).toMatchObject([
      { kind: 'valid', event: { id: 'a', data: { text: '1.0' } } },
      { kind: 'invalid' },
      { kind: 'valid', event: { id: 'b', data: { text: '{"x":[2]}' } } },
    ]);
  });

  it('may be empty', () => {
    expect(read('[]')).toEqual([]);
  });

  it('may hold entries that are no events at all', () => {
    expect(read(`[1, null, ${entry('a')}]`).map((raw) => checkEvent(raw).kind)).toEqual([
      'invalid',
      'invalid',
      'valid',
    ]);
  });

  it('applies the bounds to each event', () => {
    const deep = '['.repeat(10_000) + ']'.repeat(10_000);

    expect(
      read(`[${entry('a', `,"data":${deep}`)},${entry('b')}]`).map((raw) => checkEvent(raw).kind),
    ).toEqual(['invalid', 'valid']);
  });

  it('is wrong as a whole when its events differ in version', () => {
    const old = '{"specversion":"0.3","id":"1","source":"/s","type":"t"}';

    expect(errorOf(() => read(`[${entry('a')},${old}]`))).toBeInstanceOf(InvalidBatchError);
    expect(read(`[${old},${old}]`)).toHaveLength(2);
  });

  it('is refused when it is no array, no JSON, or too large', () => {
    expect(errorOf(() => read(entry('a')))).toBeInstanceOf(InvalidBatchError);
    expect(errorOf(() => read('['))).toBeInstanceOf(BodyNotJsonError);
    expect(errorOf(() => read(`[${Array(4).fill(entry('a')).join()}]`))).toBeInstanceOf(
      BatchTooLargeError,
    );
  });
});
