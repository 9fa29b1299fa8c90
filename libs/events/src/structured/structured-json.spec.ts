import { errorOf } from '@app/errors/testing';
import { type JsonLimits } from '@app/json';
import fc from 'fast-check';
import { requireEvent } from '../event/check-event.js';
import { type CloudEvent } from '../event/cloud-event.js';
import { BodyNotJsonError } from '@app/json';
import { InvalidEventError } from '../errors.js';
import { parseWithin } from '../limits.js';
import { anEvent } from '../testing/an-event.js';
import { arbitraryEvent } from '../testing/arbitrary-event.js';
import { plainEvent } from '../testing/plain-event.js';
import { readStructured } from './envelope.js';
import { toStructuredJson } from './structured-json.js';

const MINIMAL = { specversion: '1.0', id: '1', source: '/s', type: 't' };

function fromStructuredJson(text: string, limits?: JsonLimits): CloudEvent {
  return requireEvent(readStructured(parseWithin(Buffer.from(text), undefined), limits));
}

function reading(envelope: object): unknown {
  return fromStructuredJson(JSON.stringify({ ...MINIMAL, ...envelope })).data;
}

describe('the JSON format', () => {
  it('gives back every event that was written', () => {
    fc.assert(
      fc.property(arbitraryEvent(), (event) => {
        const read = fromStructuredJson(toStructuredJson(event));

        expect(plainEvent(read)).toEqual(event);
      }),
    );
  });

  it('writes the sample of the original design to the byte', () => {
    expect(toStructuredJson(anEvent())).toBe(
      '{"specversion":"1.0","id":"C234-1234-1234","source":"/github/actions",' +
        '"type":"io.boomerang.eventing.custom","subject":"/wf1","time":"2020-04-05T17:31:00Z",' +
        '"datacontenttype":"application/json",' +
        '"data":{"event":"request_success","inputs":{"key":"value"}}}',
    );
  });

  it('keeps the text of JSON data, numbers beyond a double and spaces included', () => {
    const text = '{ "id": 12345678901234567890, "tiny": 1e-400 }';
    const source = `{"data":1,"x":"\\"data\\":","specversion":"1.0","id":"1","source":"/s","type":"t","data" : ${text} }`;

    const event = fromStructuredJson(source);

    expect(event.data).toMatchObject({ kind: 'json', text });
    expect(toStructuredJson(event)).toContain(`"data":${text}}`);
  });

  it.each<[string, object, unknown]>([
    ['an object', { data: { a: 1 } }, { kind: 'json', text: '{"a":1}', value: { a: 1 } }],
    [
      'a string, which is not parsed again',
      { data: '{"a":1}' },
      { kind: 'json', text: '"{\\"a\\":1}"', value: '{"a":1}' },
    ],
    ['null, which is data', { data: null }, { kind: 'json', text: 'null', value: null }],
    [
      'a number',
      { data: 1.5, datacontenttype: 'text/json' },
      { kind: 'json', text: '1.5', value: 1.5 },
    ],
    [
      'a +json type in capitals',
      { data: [1], datacontenttype: 'Application/X+JSON; a=b' },
      { kind: 'json', text: '[1]', value: [1] },
    ],
    [
      'text of another type',
      { data: '<a/>', datacontenttype: 'application/xml' },
      { kind: 'text', text: '<a/>' },
    ],
    ['null of a type that is not JSON', { data: null, datacontenttype: 'text/plain' }, undefined],
    ['nothing', {}, undefined],
    [
      'null in data_base64, which is unset',
      { data_base64: null, data: 1 },
      { kind: 'json', text: '1', value: 1 },
    ],
  ])('reads data that is %s', (_what, envelope, expected) => {
    expect(reading(envelope)).toEqual(expected);
  });

  it('reads base64 without a content type as bytes, although they are JSON', () => {
    expect(reading({ data_base64: 'eyAieHl6IjogMTIzIH0=' })).toEqual({
      kind: 'binary',
      bytes: Buffer.from('{ "xyz": 123 }'),
    });
  });

  it('takes base64 of a declared JSON type that is no JSON as bytes', () => {
    expect(reading({ data_base64: 'QQ==', datacontenttype: 'a/json' })).toEqual({
      kind: 'binary',
      bytes: Buffer.from('A'),
    });
  });

  it('reads base64 of a declared JSON type as JSON', () => {
    const envelope = { data_base64: 'eyAieHl6IjogMTIzIH0=', datacontenttype: 'application/json' };

    expect(reading(envelope)).toEqual({
      kind: 'json',
      text: '{ "xyz": 123 }',
      value: { xyz: 123 },
    });
  });

  it.each<[string, object, object]>([
    ['data and data_base64', { data: 1, data_base64: 'QQ==' }, { path: '/data_base64' }],
    ['data_base64 in the URL alphabet', { data_base64: '-_8=' }, { path: '/data_base64' }],
    ['data_base64 without padding', { data_base64: 'QQ' }, { path: '/data_base64' }],
    ['data_base64 that is no string', { data_base64: 7 }, { path: '/data_base64' }],
    [
      'an object where text is declared',
      { data: {}, datacontenttype: 'text/plain' },
      { path: '/data' },
    ],
    ['an object as an attribute', { ext: {} }, { attribute: 'ext' }],
    [
      'a key __proto__ in data',
      { data: JSON.parse('{"a":{"__proto__":1}}') as unknown },
      { path: '/data/a/__proto__' },
    ],
  ])('refuses %s', (_what, envelope, problem) => {
    const text = JSON.stringify({ ...MINIMAL, ...envelope });

    const rejection = errorOf(() => fromStructuredJson(text, { nestingMax: 64, membersMax: 100 }));

    expect(rejection).toBeInstanceOf(InvalidEventError);
    expect(rejection.problems).toEqual([expect.objectContaining(problem)]);
  });

  it.each(['[]', '"x"', '1', 'null'])('refuses %s, which is no object', (text) => {
    expect(() => fromStructuredJson(text)).toThrow(InvalidEventError);
  });

  it('reports an attribute nested 10,000 deep like any other wrong one', () => {
    const deep = '['.repeat(10_000) + ']'.repeat(10_000);
    const text = `{"specversion":"1.0","id":"1","source":"/s","type":"t","x":${deep}}`;

    expect(errorOf(() => fromStructuredJson(text)).problems).toHaveLength(1);
  });

  it('reports where JSON is broken, without its content', () => {
    const rejection = errorOf(() => fromStructuredJson('{"password": secret}'));

    expect(rejection).toBeInstanceOf(BodyNotJsonError);
    expect(rejection.message).not.toContain('secret');
    expect(rejection.cause).toBeUndefined();
  });
});

describe('numbers as attributes', () => {
  const withExtension = (number: string): string =>
    `{"specversion":"1.0","id":"1","source":"/s","type":"t","ext":${number}}`;

  it.each([
    ['1.0', 1],
    ['1e2', 100],
    ['-0', 0],
    ['2147483647.0', 2_147_483_647],
  ])('are integers however they are written: %s', (number, expected) => {
    expect(fromStructuredJson(withExtension(number)).extensions).toEqual({ ext: expected });
  });

  it.each(['1.5', '1e400', '8202522731445525542', '1.00000000000000000001'])(
    'are refused when they are none of 32 bits: %s',
    (number) => {
      expect(errorOf(() => fromStructuredJson(withExtension(number))).problems).toEqual([
        { attribute: 'ext', detail: expect.stringContaining('integer of 32 bits') as string },
      ]);
    },
  );
});
