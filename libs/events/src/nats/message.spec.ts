import { errorOf } from '@app/errors/testing';
import fc from 'fast-check';
import { type CloudEvent } from '../event/cloud-event.js';
import { BodyNotJsonError } from '@app/json';
import { InvalidEventError } from '../errors.js';
import { anEvent, jsonData } from '../testing/an-event.js';
import { arbitraryEvent } from '../testing/arbitrary-event.js';
import { plainEvent } from '../testing/plain-event.js';
import { decodeMessage, encodeBinaryMessage, encodeStructuredMessage } from './message.js';
import { EVENT_LIMITS } from '../testing/event-limits.js';

describe('structured messages', () => {
  it('give back every event', () => {
    fc.assert(
      fc.property(arbitraryEvent(), (event) => {
        expect(plainEvent(decodeMessage(encodeStructuredMessage(event), EVENT_LIMITS))).toEqual(
          event,
        );
      }),
    );
  });

  it.each([
    {},
    { 'Content-Type': ['Application/CloudEvents+JSON'] },
    { 'CONTENT-TYPE': 'application/cloudevents' },
  ])('are read with the headers %j', (headers) => {
    const { payload } = encodeStructuredMessage(anEvent());

    expect(decodeMessage({ headers, payload }, EVENT_LIMITS)).toEqual(anEvent());
  });
});

describe('binary messages', () => {
  it('give back every event, with extensions as strings and a content type for JSON', () => {
    fc.assert(
      fc.property(arbitraryEvent(), (event) => {
        const read = decodeMessage(encodeBinaryMessage(event), EVENT_LIMITS);

        expect(plainEvent(read)).toEqual(inBinaryMode(event));
      }),
    );
  });

  it('have the content type in a ce- header, unlike over HTTP', () => {
    const { headers, payload } = encodeBinaryMessage(
      anEvent({ subject: '/wf1/a b', extensions: { n: 1 } }),
    );

    expect(headers).toEqual({
      'ce-specversion': '1.0',
      'ce-id': 'C234-1234-1234',
      'ce-source': '/github/actions',
      'ce-type': 'io.boomerang.eventing.custom',
      'ce-subject': '/wf1/a%20b',
      'ce-time': '2020-04-05T17:31:00Z',
      'ce-datacontenttype': 'application/json',
      'ce-n': '1',
    });
    expect(Buffer.from(payload).toString()).toBe(
      '{"event":"request_success","inputs":{"key":"value"}}',
    );
  });

  it('are read whatever the case of their headers, and with lists of one', () => {
    const headers = {
      'Ce-Specversion': ['1.0'],
      'CE-ID': ['1'],
      'ce-source': ['/s'],
      'Ce-Type': ['t'],
    };

    expect(decodeMessage({ headers, payload: new Uint8Array() }, EVENT_LIMITS)).toMatchObject({
      id: '1',
      source: '/s',
    });
  });
});

describe('messages that are no events', () => {
  it.each([
    ['a payload that is not JSON', {}, 'nope', BodyNotJsonError],
    ['no attributes', {}, '{}', InvalidEventError],
    [
      'a header twice',
      { 'ce-specversion': '1.0', 'ce-id': ['1', '2'], 'ce-source': '/s', 'ce-type': 't' },
      '',
      InvalidEventError,
    ],
    [
      'data out of bounds',
      {},
      `{"specversion":"1.0","id":"1","source":"/s","type":"t","data":${'['.repeat(65)}${']'.repeat(65)}}`,
      InvalidEventError,
    ],
    [
      'a key that is a trap for code',
      {},
      '{"specversion":"1.0","id":"1","source":"/s","type":"t","data":[{"__proto__":""}]}',
      InvalidEventError,
    ],
  ])('are refused: %s', (_what, headers, payload, error) => {
    expect(
      errorOf(() => decodeMessage({ headers, payload: Buffer.from(payload) }, EVENT_LIMITS)),
    ).toBeInstanceOf(error);
  });

  it('are refused beyond the limits', () => {
    const message = encodeStructuredMessage(anEvent({ data: jsonData([[1]]) }));

    expect(
      errorOf(() => decodeMessage(message, { nestingMax: 1, membersMax: 9 })).problems,
    ).toMatchObject([{ path: '/data/0' }]);
  });
});

function inBinaryMode(event: CloudEvent): CloudEvent {
  const strings = Object.entries(event.extensions).map(([name, value]) => [name, String(value)]);
  const json = event.data?.kind === 'json' && {
    datacontenttype: event.datacontenttype ?? 'application/json',
  };
  return { ...event, ...json, extensions: Object.fromEntries(strings) as Record<string, string> };
}
