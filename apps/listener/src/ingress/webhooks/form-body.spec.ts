import { BodyOutOfBoundsError } from '@app/events';
import { errorOf } from '@app/errors/testing';
import { EVENT_LIMITS } from '@app/events/testing';
import { isForm, readFormBody } from './form-body.js';

const read = (body: string | Uint8Array): ReturnType<typeof readFormBody> =>
  readFormBody(typeof body === 'string' ? Buffer.from(body) : body, EVENT_LIMITS);

describe(isForm.name, () => {
  it.each([
    ['application/x-www-form-urlencoded', true],
    ['application/x-www-form-urlencoded; charset=UTF-8', true],
    ['application/x-www-form-urlencoded; charset=latin1', false],
    ['application/json', false],
    [undefined, false],
  ])('knows %s', (contentType, form) => {
    expect(isForm({ 'content-type': contentType })).toBe(form);
  });
});

describe(readFormBody.name, () => {
  it('makes data of the fields, and takes the token out', () => {
    const { data, accessToken } = read('name=J%C3%BCrgen+K&access_token=secret&tag=a&tag=b&empty=');

    const value = { name: 'Jürgen K', tag: ['a', 'b'], empty: '' };
    expect(data).toEqual({ kind: 'json', text: JSON.stringify(value), value });
    expect(accessToken).toBe('secret');
  });

  it('keeps the order of the fields, whatever their names', () => {
    expect(read('b=1&10=2&9=3&b=4').data).toMatchObject({
      text: '{"b":["1","4"],"10":"2","9":"3"}',
    });
  });

  it.each(['access_token=a&access_token=b', 'access_token=a&x=1&access%5Ftoken=a'])(
    'does not guess which token counts of those in "%s"',
    (body) => {
      expect(errorOf(() => read(body))).toMatchObject({
        problems: [{ path: 'access_token', detail: 'must not be repeated' }],
      });
    },
  );

  it.each(['', 'a=1', 'access_token=&a=1'])('finds no token in "%s"', (body) => {
    expect(read(body).accessToken).toBeUndefined();
  });

  it('decodes once', () => {
    expect(read('a=%2525').data).toMatchObject({ value: { a: '%25' } });
  });

  it.each([
    ['a field __proto__', '__proto__=1'],
    ['a field with NUL in its name', 'a%00b=1'],
    ['more fields than the bound', Array.from({ length: 10_001 }, (_, at) => `f${at}=`).join('&')],
    ['bytes that are not UTF-8', Uint8Array.of(0x61, 0x3d, 0xff)],
  ])('does not take %s', (_what, body) => {
    expect(() => read(body)).toThrow(BodyOutOfBoundsError);
  });
});

describe('a form as providers send it', () => {
  const dataOf = (text: string): unknown => readFormBody(Buffer.from(text), EVENT_LIMITS).data;

  it('is the JSON in its only field, payload', () => {
    expect(dataOf('payload=%7B%22a%22%3A1.0%7D&access_token=t')).toMatchObject({
      kind: 'json',
      text: '{"a":1.0}',
    });
  });

  it.each([
    ['payload=text', { payload: 'text' }],
    ['payload=1&x=2', { payload: '1', x: '2' }],
    ['payload=1&payload=2', { payload: ['1', '2'] }],
    ['\uFEFFa=1', { a: '1' }],
  ])('is its fields in %s', (text, value) => {
    expect(dataOf(text)).toMatchObject({ value });
  });
});

describe('JSON that is called a form', () => {
  it.each([
    // https://github.com/webhooksite/webhook.site/issues/45, https://github.com/adnanh/webhook/issues/697
    ['of curl -d', '{"a":"1+1=2&b=3%20"}'],
    ['of a list', ' [{"a":12345678901234567890}]'],
    ['after a byte order mark', '\uFEFF{"a":1}'],
  ])('is JSON: %s', (_what, text) => {
    expect(read(text)).toEqual({
      data: expect.objectContaining({ kind: 'json', text: text.replace('\uFEFF', '') }) as unknown,
      accessToken: undefined,
    });
  });

  it.each(['{a=1', '[a]=1', '{"a":1}&access_token=t'])('is a form if it is none: %s', (text) => {
    expect(read(text).data).toMatchObject({ kind: 'json' });
    expect(read(text).accessToken).toBe(text.endsWith('=t') ? 't' : undefined);
  });
});
