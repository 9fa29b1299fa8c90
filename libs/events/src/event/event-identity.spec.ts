import { parseJson } from '@app/json';
import { type CloudEvent, type EventData } from './cloud-event.js';
import { isSameEvent } from './event-identity.js';
import { anEvent, anEventWithoutData, jsonData } from '../testing/an-event.js';

const text = (value: string): EventData => ({ kind: 'text', text: value });
const bytes = (...values: number[]): EventData => ({
  kind: 'binary',
  bytes: Uint8Array.from(values),
});
const json = (source: string): EventData => ({
  ...jsonData(null),
  kind: 'json',
  text: source,
  value: parseJson(source),
});

describe(isSameEvent.name, () => {
  it.each<[string, Partial<CloudEvent>]>([
    ['time', { time: '2021-01-01T00:00:00Z' }],
    ['trace', { extensions: { traceparent: '00-1' } }],
    ['order of members', { data: json('{"inputs":{"key":"value"},"event":"request_success"}') }],
    ['white space', { data: json('{ "event":"request_success", "inputs":{"key":"value"} }') }],
  ])('ignores another %s', (_what, difference) => {
    expect(isSameEvent(anEvent(), anEvent(difference))).toBe(true);
  });

  it.each<[string, Partial<CloudEvent>]>([
    ['type', { type: 'other' }],
    ['subject', { subject: '/wf1/topic' }],
    ['value', { data: json('{"event":"request_success","inputs":{"key":"other"}}') }],
    ['kind of data', { data: text('{"event":"request_success","inputs":{"key":"value"}}') }],
  ])('compares the %s', (_what, difference) => {
    expect(isSameEvent(anEvent(), anEvent(difference))).toBe(false);
  });

  it.each<[EventData, EventData, boolean]>([
    [json('1'), json('1.0'), true],
    [json('1'), json('2'), false],
    [json('{"id":8202522731445525542}'), json('{"id":8202522731445525543}'), false],
    [json('{"id":8202522731445525542}'), json('{ "id": 8202522731445525542.0 }'), true],
    [text('a'), text('a'), true],
    [text('a'), text('b'), false],
    [bytes(1, 2), bytes(1, 2), true],
    [bytes(1, 2), bytes(1), false],
    [bytes(97), text('a'), false],
  ])('compares %j with %j', (a, b, same) => {
    expect(isSameEvent(anEvent({ data: a }), anEvent({ data: b }))).toBe(same);
  });

  it('distinguishes absent data from null', () => {
    const withoutData = anEventWithoutData();

    expect(isSameEvent(withoutData, withoutData)).toBe(true);
    expect(isSameEvent(withoutData, anEvent({ data: jsonData(null) }))).toBe(false);
  });
});
