import { errorOf } from '@app/errors/testing';
import { ExactNumber } from '@app/json';
import { EVENT_LIMITS } from '../testing/event-limits.js';
import { readJsonBody } from './event-data.js';

describe(readJsonBody.name, () => {
  it('keeps the text', () => {
    expect(readJsonBody(Buffer.from('{"a": 1.0}'), EVENT_LIMITS)).toEqual({
      kind: 'json',
      text: '{"a": 1.0}',
      value: { a: ExactNumber.read('1.0') },
    });
  });

  it('names every place that is out of bounds', () => {
    const rejection = errorOf(() =>
      readJsonBody(Buffer.from('{"__proto__":1,"a\\u0000":2}'), EVENT_LIMITS),
    );

    expect(rejection).toMatchObject({
      code: 'BODY_OUT_OF_BOUNDS',
      problems: [{ path: '/__proto__' }, { path: '/a\0' }],
    });
  });
});
