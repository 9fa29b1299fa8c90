import { errorOf } from '@app/errors/testing';
import { UnsupportedContentTypeError } from '../errors.js';
import { contentModeOf } from './content-mode.js';

describe(contentModeOf.name, () => {
  it.each([
    ['application/cloudevents+json', 'structured'],
    ['Application/CloudEvents+JSON; charset=UTF-8', 'structured'],
    ['application/cloudevents+json; charset="utf-8"; v=1', 'structured'],
    ['application/cloudevents-batch+json', 'batch'],
    ['application/cloudevents-batch+json;charset=utf8', 'batch'],
  ])('of %s is %s, whatever ce- headers there are', (contentType, mode) => {
    expect(contentModeOf({ 'content-type': contentType })).toBe(mode);
    expect(contentModeOf({ 'content-type': contentType, 'ce-id': '1' })).toBe(mode);
  });

  it.each(['application/json', 'text/plain', 'not a media type', undefined])(
    'of %s with a ce- header is binary',
    (contentType) => {
      expect(contentModeOf({ 'content-type': contentType, 'ce-type': 't' })).toBe('binary');
    },
  );

  it.each([
    'application/json',
    'application/cloudevents',
    'application/cloudevents+avro',
    'application/cloudevents+json; charset=utf-16',
    'application/cloudevents-batch+json; charset=iso-8859-1',
    undefined,
  ])('refuses %s and says what is accepted', (contentType) => {
    const rejection = errorOf(() => contentModeOf({ 'content-type': contentType }));

    expect(rejection).toBeInstanceOf(UnsupportedContentTypeError);
    expect(rejection.message).toContain('application/cloudevents+json');
  });

  it('refuses a format that it does not read even with ce- headers', () => {
    const headers = { 'content-type': 'application/cloudevents+avro', 'ce-id': '1' };

    expect(() => contentModeOf(headers)).toThrow(UnsupportedContentTypeError);
  });
});
