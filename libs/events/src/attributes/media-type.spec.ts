import { isJsonType, isTextType, isUtf8Type, parseMediaType } from './media-type.js';

describe(parseMediaType.name, () => {
  it.each([
    ['application/json', { essence: 'application/json' }],
    ['TEXT/Plain; CharSet=UTF-8', { essence: 'text/plain', charset: 'utf-8' }],
    ['text/plain;charset="utf-8"', { essence: 'text/plain', charset: 'utf-8' }],
    ['a/b; x="; charset=no"; charset=latin1', { essence: 'a/b', charset: 'latin1' }],
    ['a/b;', { essence: 'a/b' }],
    ['a/b; c', { essence: 'a/b' }],
    ['a/b; c="', { essence: 'a/b' }],
    ['a/b; @; ; charset=utf-8', { essence: 'a/b', charset: 'utf-8' }],
    ['text/plain; charset=', { essence: 'text/plain' }],
    ['text/plain; charset=""', { essence: 'text/plain' }],
    ["text/plain; charset='UTF-8'", { essence: 'text/plain', charset: 'utf-8' }],
    ['multipart/form-data; boundary="a \\" b"', { essence: 'multipart/form-data' }],
  ])('parses %s', (text, expected) => {
    expect(parseMediaType(text)).toEqual(expected);
  });

  it.each(['', 'json', 'a/', '/b', 'a/b/c', 'a b/c', 'a/b, c/d', 'a/b x; c=d'])(
    'refuses "%s"',
    (text) => {
      expect(parseMediaType(text)).toBeUndefined();
    },
  );
});

describe('the kind of a media type', () => {
  it.each([
    ['application/json', true, false],
    ['text/json', true, true],
    ['application/vnd.a+json', true, false],
    ['application/json-seq', false, false],
    ['text/plain', false, true],
    ['application/soap+xml', false, true],
    ['application/octet-stream', false, false],
  ])('of %s: JSON is %s, text is %s', (essence, json, text) => {
    expect(isJsonType({ essence })).toBe(json);
    expect(isTextType({ essence })).toBe(text);
  });

  it('has UTF-8 as its default charset', () => {
    expect(
      [undefined, 'utf-8', 'utf8', 'us-ascii'].every((charset) =>
        isUtf8Type({ essence: 'a/b', ...(charset && { charset }) }),
      ),
    ).toBe(true);
    expect(isUtf8Type({ essence: 'a/b', charset: 'iso-8859-1' })).toBe(false);
  });
});
