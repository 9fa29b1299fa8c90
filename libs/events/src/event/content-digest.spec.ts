import { parseJson } from '@app/json';
import { type CloudEvent } from './cloud-event.js';
import { contentDigest, isSameEvent } from './event-identity.js';
import { anEvent } from '../testing/an-event.js';

const json = (text: string): CloudEvent =>
  anEvent({ data: { kind: 'json', text, value: parseJson(text) } });

const EVENTS: readonly CloudEvent[] = [
  json('{"a":1,"b":2}'),
  json('{"b":2.0,"a":1e0}'),
  json('{"a":1,"b":3}'),
  json('"a"'),
  anEvent({ data: { kind: 'text', text: '"a"' } }),
  anEvent({ data: { kind: 'text', text: 'a' } }),
  anEvent({ data: { kind: 'text', text: '\ud800' } }),
  anEvent({ data: { kind: 'text', text: '\udfff' } }),
  anEvent({ data: { kind: 'binary', bytes: new Uint8Array([97]) } }),
  anEvent({ data: { kind: 'binary', bytes: new Uint8Array([]) } }),
  anEvent({ type: 'io.example.other' }),
  anEvent({ subject: '/other' }),
  anEvent({ time: '2026-01-01T00:00:00Z' }),
  anEvent(),
];

describe(contentDigest.name, () => {
  it('is equal exactly for the events that isSameEvent finds equal', () => {
    for (const a of EVENTS) {
      for (const b of EVENTS) {
        expect(contentDigest(a) === contentDigest(b)).toBe(isSameEvent(a, b));
      }
    }
  });

  it('is undefined where a digest cannot decide', () => {
    expect(contentDigest(json(`1e${'9'.repeat(2_000)}`))).toBeUndefined();
  });
});
