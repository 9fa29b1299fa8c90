import { errorOf } from '@app/errors/testing';
import { EVENT_LIMITS } from '@app/events/testing';
import { readWebhookBody, requireWebhookContentType } from './webhook-body.js';

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

describe(readWebhookBody.name, () => {
  const read = (contentType: string, body: string): unknown =>
    readWebhookBody({ 'content-type': contentType }, Buffer.from(body), EVENT_LIMITS);

  it('reads no data from an empty body', () => {
    expect(read('application/json', '')).toBeUndefined();
  });

  it('reads JSON that is labelled as plain text', () => {
    expect(read('text/plain; charset=UTF-8', '{"a":1}')).toMatchObject({
      kind: 'json',
      text: '{"a":1}',
    });
  });

  it('reads other plain text as text', () => {
    expect(read('text/plain', 'hello')).toEqual({ kind: 'text', text: 'hello' });
    expect(errorOf(() => read('application/json', 'hello')).code).toBe('BODY_NOT_JSON');
  });

  it('needs no content type for an empty body', () => {
    expect(() => {
      requireWebhookContentType({}, ACCEPTED, false);
    }).not.toThrow();
    expect(() => {
      requireWebhookContentType({ 'content-type': 'image/png' }, ACCEPTED, false);
    }).toThrow();
  });
});
