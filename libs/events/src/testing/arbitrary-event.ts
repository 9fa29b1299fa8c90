import fc from 'fast-check';
import { anyText } from '@app/errors/testing';
import { jsonProblems, type JsonValue } from '@app/json';
import { isCoreAttribute, isAttributeText } from '../attributes/attribute-rules.js';
import { type CloudEvent, type EventData } from '../event/cloud-event.js';
import { EVENT_LIMITS } from './event-limits.js';
import { jsonData } from './an-event.js';

const text = anyText({ minLength: 1, maxLength: 30 }).filter((value) => isAttributeText(value));
const name = fc
  .stringMatching(/^[a-z][a-z0-9]{0,24}$/)
  .filter((value) => !isCoreAttribute(value) && value !== 'data');

const value = fc.oneof(text, fc.boolean(), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }));

/** Data and the content type that goes with it. */
const content: fc.Arbitrary<Pick<CloudEvent, 'datacontenttype' | 'data'>> = fc.oneof(
  fc.constant({}),
  json().map((data) => ({ data })),
  json().map((data) => ({ datacontenttype: 'application/vnd.flow+json; charset=utf-8', data })),
  anyText({ minLength: 1 }).map((body) => ({
    datacontenttype: 'text/plain',
    data: { kind: 'text' as const, text: body },
  })),
  fc.uint8Array({ minLength: 1 }).map((bytes) => ({ data: { kind: 'binary' as const, bytes } })),
  fc.uint8Array({ minLength: 1 }).map((bytes) => ({
    datacontenttype: 'application/octet-stream',
    data: { kind: 'binary' as const, bytes },
  })),
);

/** Within the bounds: among the keys that it likes best is `__proto__`, which no ingress takes. */
function json(): fc.Arbitrary<EventData> {
  return fc
    .jsonValue()
    .map((parsed) => JSON.parse(JSON.stringify(parsed)) as JsonValue)
    .filter((parsed) => jsonProblems(parsed, EVENT_LIMITS).length === 0)
    .map(jsonData);
}

/** Any valid event: every kind of data, every type of extension, characters of all planes. */
export function arbitraryEvent(): fc.Arbitrary<CloudEvent> {
  return fc
    .record(
      {
        specversion: fc.constant('1.0' as const),
        id: text,
        source: fc.webUrl({ withQueryParameters: true, withFragments: true }),
        type: text,
        subject: text,
        time: fc
          .date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })
          .map((date) => date.toISOString()),
        dataschema: fc.webUrl(),
        extensions: fc.dictionary(name, value, { noNullPrototype: true }),
        content,
      },
      { requiredKeys: ['specversion', 'id', 'source', 'type', 'extensions', 'content'] },
    )
    .map(({ content: more, ...event }) => ({ ...event, ...more }));
}
