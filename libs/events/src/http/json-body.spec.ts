import { ExactNumber } from '@app/json';
import { EVENT_LIMITS } from '../testing/event-limits.js';
import { errorOf } from '../testing/error-of.js';
import { readJsonBody, readWebhookBody, requireWebhookContentType } from './json-body.js';

const ACCEPTED = ['application/json'];

describe(requireWebhookContentType.name, () => {
  it.each(['application/json', 'application/json; charset=UTF-8', 'application/vnd.x+json'])(
    'takes %s',
    (contentType) => {
      expect(() => {
        requireWebhookContentType({ 'content-type': contentType }, ACCEPTED, true);
      }).not.toThrow();
    },
  );

  it.each([
    'text/html',
    'text/plain; charset=latin1',
    'application/json; charset=latin1',
    'json',
    undefined,
  ])('refuses %s', (contentType) => {
    const rejection = errorOf(() => {
      requireWebhookContentType({ 'content-type': contentType }, ACCEPTED, true);
    });

    expect(rejection.code).toBe('CONTENT_TYPE_UNSUPPORTED');
    expect(rejection.message).toContain('application/json');
  });
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
    const rejection = errorOf(() =>
      readJsonBody(Buffer.from('{"__proto__":1,"a\\u0000":2}'), EVENT_LIMITS),
    );

    expect(rejection).toMatchObject({
      code: 'BODY_OUT_OF_BOUNDS',
      problems: [{ path: '/__proto__' }, { path: '/a\0' }],
    });
  });
});

describe(readWebhookBody.name, () => {
  const read = (contentType: string, body: string): unknown =>
    readWebhookBody({ 'content-type': contentType }, Buffer.from(body), EVENT_LIMITS);

  it('is no data when it is empty', () => {
    expect(read('application/json', '')).toBeUndefined();
  });

  it('is JSON although it is called plain text', () => {
    expect(read('text/plain; charset=UTF-8', '{"a":1}')).toMatchObject({
      kind: 'json',
      text: '{"a":1}',
    });
  });

  it('is text that is no JSON where that is what it is called', () => {
    expect(read('text/plain', 'hello')).toEqual({ kind: 'text', text: 'hello' });
    expect(errorOf(() => read('application/json', 'hello')).code).toBe('BODY_NOT_JSON');
  });

  it('may have no type if there is none', () => {
    expect(() => {
      requireWebhookContentType({}, ACCEPTED, false);
    }).not.toThrow();
    expect(() => {
      requireWebhookContentType({ 'content-type': 'image/png' }, ACCEPTED, false);
    }).toThrow();
  });
});
