import { ExactNumber } from '@app/json';
import { EVENT_LIMITS } from '../testing/event-limits.js';
import { errorOf } from '../testing/error-of.js';
import { readJsonBody, requireJsonContentType } from './json-body.js';

const ACCEPTED = ['application/json'];

describe(requireJsonContentType.name, () => {
  it.each(['application/json', 'application/json; charset=UTF-8', 'application/vnd.x+json'])(
    'takes %s',
    (contentType) => {
      expect(() => {
        requireJsonContentType({ 'content-type': contentType }, ACCEPTED);
      }).not.toThrow();
    },
  );

  it.each(['text/plain', 'application/json; charset=latin1', 'json', undefined])(
    'refuses %s',
    (contentType) => {
      const refusal = errorOf(() => {
        requireJsonContentType({ 'content-type': contentType }, ACCEPTED);
      });

      expect(refusal.code).toBe('CONTENT_TYPE_UNSUPPORTED');
      expect(refusal.message).toContain('application/json');
    },
  );
});

describe(readJsonBody.name, () => {
  it('keeps the text', () => {
    expect(readJsonBody(Buffer.from('{"a": 1.0}'), EVENT_LIMITS)).toEqual({
      kind: 'json',
      text: '{"a": 1.0}',
      value: { a: ExactNumber.read('1.0') },
    });
  });

  it('names every place that is out of bounds', () => {
    const refusal = errorOf(() =>
      readJsonBody(Buffer.from('{"__proto__":1,"a\\u0000":2}'), EVENT_LIMITS),
    );

    expect(refusal).toMatchObject({
      code: 'BODY_OUT_OF_BOUNDS',
      problems: [{ path: '/__proto__' }, { path: '/a\0' }],
    });
  });
});
