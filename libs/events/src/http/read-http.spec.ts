import { errorOf } from '@app/errors/testing';
import { ExactNumber } from '@app/json';
import { checkEvent, requireEvent, type EventCheck } from '../event/check-event.js';
import { type CloudEvent } from '../event/cloud-event.js';
import { BodyNotJsonError } from '@app/json';
import { UnsupportedContentTypeError } from '../errors.js';
import { type Headers } from '../headers.js';
import { EVENT_LIMITS } from '../testing/event-limits.js';
import { asSent, NO_HEADERS } from '../testing/as-sent.js';
import { anEvent, jsonData } from '../testing/an-event.js';
import { readHttpMessage } from './read-http.js';

const CE: Headers = {
  host: 'localhost',
  'ce-specversion': '1.0',
  'ce-id': '1',
  'ce-source': '/s',
  'ce-type': 't',
};

function check(headers: Headers, body: string | Uint8Array): EventCheck {
  const message = readHttpMessage('binary', asSent(headers), Buffer.from(body), EVENT_LIMITS);
  if (message.kind !== 'event') throw new Error('not one event');
  return checkEvent(message.event);
}

function read(headers: Headers, body: string | Uint8Array): CloudEvent {
  const result = check(headers, body);
  if (result.kind === 'invalid') throw new Error(JSON.stringify(result.problems));
  return result.event;
}

describe('binary mode', () => {
  it('keeps JSON exactly as sent', () => {
    const headers = { ...CE, 'content-type': 'application/json; charset=UTF-8' };

    expect(read(headers, ' {"big":12345678901234567890}\n')).toEqual({
      specversion: '1.0',
      id: '1',
      source: '/s',
      type: 't',
      datacontenttype: 'application/json; charset=UTF-8',
      extensions: {},
      data: {
        kind: 'json',
        text: ' {"big":12345678901234567890}\n',
        value: { big: ExactNumber.read('12345678901234567890') },
      },
    });
  });

  it('decodes header values once', () => {
    const headers = { ...CE, 'ce-subject': '"/wf1/a%20b"', 'ce-ext': '%2541' };

    expect(read(headers, '')).toMatchObject({ subject: '/wf1/a b', extensions: { ext: '%41' } });
  });

  it('reads ce-traceparent as an attribute, and ignores traceparent', () => {
    const headers = { ...CE, 'ce-traceparent': 'event', traceparent: 'hop' };

    expect(read(headers, '').extensions).toEqual({ traceparent: 'event' });
  });

  it.each<[string, Record<string, string>, string | Uint8Array, unknown]>([
    ['no data when there is no body', { 'content-type': 'application/json' }, '', undefined],
    [
      'text as text',
      { 'content-type': 'text/plain' },
      '\uFEFFü',
      { kind: 'text', text: '\uFEFFü' },
    ],
    [
      'text in another charset as bytes',
      { 'content-type': 'text/plain; charset=latin1' },
      Buffer.from([0xfc]),
      { kind: 'binary', bytes: Buffer.from([0xfc]) },
    ],
    [
      'any other type as bytes',
      { 'content-type': 'image/png' },
      Buffer.from([0, 255]),
      { kind: 'binary', bytes: Buffer.from([0, 255]) },
    ],
    ['a body without a type as bytes', {}, '{}', { kind: 'binary', bytes: Buffer.from('{}') }],
  ])('reads %s', (_what, headers, body, data) => {
    expect(read({ ...CE, ...headers }, body).data).toEqual(data);
  });

  it.each<[string, Headers, string | Uint8Array, object[]]>([
    [
      'ce-datacontenttype',
      { 'ce-datacontenttype': 'application/json' },
      '',
      [{ attribute: 'datacontenttype' }],
    ],
    ['a percent-encoding that is not UTF-8', { 'ce-id': '%C0%A0' }, '', [{ attribute: 'id' }]],
    ['raw bytes above ASCII', { 'ce-subject': 'Ã¼' }, '', [{ attribute: 'subject' }]],
    ['a header that is there twice', { 'ce-id': ['1', '2'] }, '', [{ attribute: 'id' }]],
    ['an empty header', { 'ce-subject': '' }, '', [{ attribute: 'subject' }]],
    ['ce-data', { 'ce-data': '1' }, '', [{ attribute: 'data' }]],
    ['a name with a dash', { 'ce-a-b': '1' }, '', [{ attribute: 'a-b' }]],
    [
      'a name that is a trap',
      Object.fromEntries([['ce-__proto__', '1']]),
      '',
      [{ attribute: '__proto__' }],
    ],
    [
      'a control character that was percent-encoded',
      { 'ce-subject': 'a%0Ab' },
      '',
      [{ attribute: 'subject' }],
    ],
    [
      'a content type that is none',
      { 'content-type': 'json' },
      '1',
      [{ attribute: 'datacontenttype' }],
    ],
    [
      'text that is not UTF-8',
      { 'content-type': 'text/plain' },
      Buffer.from([0xfc]),
      [{ path: '' }],
    ],
    [
      'a key with NUL',
      { 'content-type': 'application/json' },
      '{"a\\u0000":1}',
      [{ path: '/a\0' }],
    ],
    [
      'several things at once',
      { 'ce-id': '%FF', 'ce-time': 'x', 'content-type': 'a/json' },
      '{"__proto__":1}',
      [{ attribute: 'id' }, { path: '/__proto__' }, { attribute: 'time' }],
    ],
  ])('refuses %s', (_what, headers, body, problems) => {
    expect(check({ ...CE, ...headers }, body)).toEqual({
      kind: 'invalid',
      problems: problems.map((problem) => expect.objectContaining(problem) as unknown),
    });
  });

  it('refuses two headers of one attribute, also if they are equal', () => {
    const headers = { ...CE, 'ce-id': ['1', '2'], 'ce-type': ['t', 't'], 'ce-ext': ['a', 'b'] };

    expect(check(headers, '')).toEqual({
      kind: 'invalid',
      problems: ['id', 'type', 'ext'].map((attribute) => ({
        attribute,
        detail: 'is there more than once',
      })),
    });
  });

  it('reports a missing version when other ce- headers came', () => {
    const { 'ce-id': id } = CE;

    expect(check({ 'ce-id': id, 'ce-source': '/s', 'ce-type': 't' }, '')).toEqual({
      kind: 'invalid',
      problems: [{ attribute: 'specversion', detail: 'is required' }],
    });
  });

  it('refuses a body that is declared as JSON and is not', () => {
    const headers = { ...CE, 'content-type': 'application/json' };

    expect(errorOf(() => read(headers, '{'))).toBeInstanceOf(BodyNotJsonError);
    expect(errorOf(() => read(headers, Buffer.from([0x22, 0xff, 0x22])))).toBeInstanceOf(
      BodyNotJsonError,
    );
  });

  it('refuses JSON in another charset than UTF-8', () => {
    const headers = { ...CE, 'content-type': 'application/json; charset=utf-16' };

    expect(errorOf(() => read(headers, '1'))).toBeInstanceOf(UnsupportedContentTypeError);
  });

  it('reads version 0.3, and ignores its datacontentencoding', () => {
    const headers = {
      ...CE,
      'ce-specversion': '0.3',
      'ce-datacontentencoding': 'base64',
      'ce-schemaurl': 'https://a/b',
      'content-type': 'application/json',
    };

    expect(read(headers, '1')).toMatchObject({
      specversion: '1.0',
      dataschema: 'https://a/b',
      data: jsonData(1),
      extensions: {},
    });
  });
});

describe('structured mode', () => {
  it('reads the sample of the original design', () => {
    const { data, extensions, ...attributes } = anEvent();
    const body = JSON.stringify({ ...attributes, data: data?.kind === 'json' && data.value });

    const message = readHttpMessage('structured', NO_HEADERS, Buffer.from(body), EVENT_LIMITS);

    expect(message.kind === 'event' && requireEvent(message.event)).toEqual({
      ...anEvent(),
      extensions,
    });
  });

  it('reads base64 of version 0.3, which marks it with an attribute', () => {
    const old = {
      specversion: '0.3',
      id: '1',
      source: '/s',
      type: 't',
      datacontentencoding: 'Base64',
      data: 'eyJhIjoxfQ==',
      datacontenttype: 'application/json',
    };

    const message = readHttpMessage(
      'structured',
      NO_HEADERS,
      Buffer.from(JSON.stringify(old)),
      EVENT_LIMITS,
    );

    expect(message.kind === 'event' && requireEvent(message.event).data).toEqual(
      jsonData({ a: 1 }),
    );
  });

  it.each([
    [{ datacontentencoding: 'gzip', data: 'x' }, { attribute: 'datacontentencoding' }],
    [{ datacontentencoding: 'base64', data: 'x' }, { path: '/data' }],
  ])('refuses %j of version 0.3', (members, problem) => {
    const old = { specversion: '0.3', id: '1', source: '/s', type: 't', ...members };

    const message = readHttpMessage(
      'structured',
      NO_HEADERS,
      Buffer.from(JSON.stringify(old)),
      EVENT_LIMITS,
    );

    expect(message.kind === 'event' && checkEvent(message.event)).toEqual({
      kind: 'invalid',
      problems: [expect.objectContaining(problem)],
    });
  });

  it('refuses data 10,000 deep or with 10,001 members', () => {
    for (const data of ['['.repeat(10_000) + ']'.repeat(10_000), `[${'0,'.repeat(10_000)}0]`]) {
      const body = `{"specversion":"1.0","id":"1","source":"/s","type":"t","data":${data}}`;

      const message = readHttpMessage('structured', NO_HEADERS, Buffer.from(body), EVENT_LIMITS);

      expect(message.kind === 'event' && checkEvent(message.event)).toMatchObject({
        kind: 'invalid',
      });
    }
  });

  it.each(['structured', 'batch'] as const)(
    'refuses an envelope of more members than any event has (%s)',
    (mode) => {
      const envelope = Object.fromEntries(Array.from({ length: 251 }, (_, at) => [`x${at}`, 1]));
      const body = JSON.stringify(mode === 'batch' ? [envelope] : envelope);

      const message = readHttpMessage(mode, NO_HEADERS, Buffer.from(body), EVENT_LIMITS);

      const event = message.kind === 'event' ? message.event : message.events[0];
      expect(event && checkEvent(event)).toMatchObject({
        problems: [{ path: '', detail: 'has more than 250 attributes' }],
      });
    },
  );
});
