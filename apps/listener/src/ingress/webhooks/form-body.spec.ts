import { BodyOutOfBoundsError } from '@app/events';
import { errorOf } from '@app/errors/testing';
import { EVENT_LIMITS } from '@app/events/testing';
import { isForm, partsBoundaryOf, readFormBody, readMultipartBody } from './form-body.js';

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
    'refuses several tokens in "%s"',
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

describe('JSON that is labelled as a form', () => {
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

  it.each(['{a=1', '[a]=1', '{"a":1}&access_token=t'])(
    'is a form if it is not valid JSON: %s',
    (text) => {
      expect(read(text).data).toMatchObject({ kind: 'json' });
      expect(read(text).accessToken).toBe(text.endsWith('=t') ? 't' : undefined);
    },
  );
});

describe('a form in parts', () => {
  const BYTES_MAX = 2_000;

  function readParts(
    ...parts: readonly (readonly [head: string, body: string | Buffer])[]
  ): unknown {
    const chunks = parts.flatMap(([head, body]) => [
      Buffer.from(`--b\r\nContent-Disposition: form-data; ${head}\r\n\r\n`),
      Buffer.from(body),
      Buffer.from('\r\n'),
    ]);
    const whole = Buffer.concat([...chunks, Buffer.from('--b--\r\n')]);
    return readMultipartBody(whole, 'b', EVENT_LIMITS, BYTES_MAX);
  }

  it.each([
    ['multipart/form-data; boundary=b', 'b'],
    ['Multipart/Form-Data; charset=latin1; boundary=b', 'b'],
    ['multipart/form-data', undefined],
    ['multipart/mixed; boundary=b', undefined],
    [undefined, undefined],
  ])('is recognized by %s', (contentType, boundary) => {
    expect(partsBoundaryOf({ 'content-type': contentType })).toBe(boundary);
  });

  it('makes data of its fields and files, and takes the token out', () => {
    const png = Buffer.from([0x89, 0x50, 0xff]);
    const form = readParts(
      ['name="to"', 'a@example.com'],
      ['name="tag"', '1'],
      ['name="tag"', '2'],
      ['name="access_token"', 'secret'],
      ['name="file"; filename="a.png"\r\nContent-Type: image/png', png],
      ['name="none"; filename=""', ''],
    );

    expect(form).toMatchObject({
      accessToken: 'secret',
      data: {
        value: {
          to: 'a@example.com',
          tag: ['1', '2'],
          file: { filename: 'a.png', contentType: 'image/png', sizeBytes: 3, base64: 'iVD/' },
          none: { filename: '', sizeBytes: 0, base64: '' },
        },
      },
    });
  });

  it('reads a field as what it says it is, and loses none', () => {
    const latin1 = Buffer.from('Gr\u00fc\u00dfe', 'latin1');
    const form = readParts(
      ['name="json"\r\nContent-Type: application/json', '{"n":1.0}'],
      ['name="no-json"\r\nContent-Type: application/json', '{'],
      ['name="latin1"\r\nContent-Type: text/plain; charset=iso-8859-1', latin1],
      // SendGrid says in another field which charset it is.
      ['name="html"', latin1],
      ['name="nothing"\r\nContent-Type: text/plain; charset=none', 'a'],
    );

    expect(form).toMatchObject({
      data: {
        text:
          '{"json":{"n":1.0},"no-json":"{","latin1":"Gr\u00fc\u00dfe",' +
          '"html":{"sizeBytes":5,"base64":"R3L832U="},' +
          '"nothing":{"contentType":"text/plain; charset=none","sizeBytes":1,"base64":"YQ=="}}',
      },
    });
  });

  it('is the JSON in its only field, payload', () => {
    expect(readParts(['name="payload"', '{"a":1}'])).toMatchObject({ data: { text: '{"a":1}' } });
  });

  it.each([
    ['application/json', '{"a":1.0}', '{"a":1.0}'],
    ['application/vnd.github+json', '[1]', '[1]'],
    ['text/plain; charset=utf-8', '{"a":1.0}', '{"a":1.0}'],
    ['application/json', '{', '{"payload":"{"}'],
  ])('is that JSON also if the part has %s: %s', (type, body, text) => {
    expect(readParts([`name="payload"\r\nContent-Type: ${type}`, body])).toMatchObject({
      data: { text },
    });
  });

  it('has a member payload beside other fields, and where it is a file or there are two', () => {
    const json = 'Content-Type: application/json';
    const payload = [`name="payload"\r\n${json}`, '{"a":1}'] as const;
    const file = [`name="payload"; filename="a.json"\r\n${json}`, '{"a":1}'] as const;

    expect(readParts(payload, ['name="x"', '1'])).toMatchObject({
      data: { value: { payload: { a: 1 }, x: '1' } },
    });
    expect(readParts(payload, payload)).toMatchObject({
      data: { value: { payload: [{ a: 1 }, { a: 1 }] } },
    });
    expect(readParts(file)).toMatchObject({
      data: { value: { payload: { filename: 'a.json', base64: 'eyJhIjoxfQ==' } } },
    });
  });

  it.each<[string, readonly (readonly [string, string])[]]>([
    [
      'with two tokens',
      [
        ['name=access_token', 'a'],
        ['name=access_token', 'b'],
      ],
    ],
    ['with a file as its token', [['name=access_token; filename=a', 'a']]],
    ['with a field __proto__', [['name=__proto__', 'a']]],
    ['that is too large as JSON', [['name=a; filename=a', 'x'.repeat(1_600)]]],
    [
      'of JSON that is nested too deep',
      [['name=a\r\nContent-Type: application/json', '['.repeat(99) + ']'.repeat(99)]],
    ],
  ])('is refused %s', (_what, parts) => {
    expect(() => readParts(...parts)).toThrow(BodyOutOfBoundsError);
  });
});
