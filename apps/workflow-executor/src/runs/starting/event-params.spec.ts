import { anEvent, anEventWithoutData, jsonData } from '@app/events/testing';
import { type JsonValue } from '@app/json';
import { eventParams } from './event-params.js';

describe(eventParams.name, () => {
  it('gives the members of the data and of its inputs, the data, and the context of the event', () => {
    const data = { type: 'pushed', inputs: { key: 'value' } };
    const sent = jsonData(data);

    expect(eventParams(anEvent({ data: sent, extensions: { ext: 1 } }))).toEqual({
      type: 'pushed',
      key: 'value',
      inputs: { key: 'value' },
      data,
      event: {
        specversion: '1.0',
        id: 'C234-1234-1234',
        source: '/github/actions',
        type: 'io.boomerang.eventing.custom',
        subject: '/wf1',
        time: '2020-04-05T17:31:00Z',
        datacontenttype: 'application/json',
        ext: 1,
      },
    });
  });

  it('lets inputs win over properties, and those over members of the same name', () => {
    const data = { a: 1, b: 1, c: 1, properties: { b: 2, c: 2 }, inputs: { c: 3 } };

    expect(eventParams(anEvent({ data: jsonData(data) }))).toMatchObject({ a: 1, b: 2, c: 3 });
  });

  it('lets nobody set data', () => {
    const data = { data: 1, inputs: { data: 2 } };

    expect(eventParams(anEvent({ data: jsonData(data) }))).toMatchObject({ data });
  });

  it('lets the data have an event of its own, as in the sample event of the original design', () => {
    expect(eventParams(anEvent())).toMatchObject({ event: 'request_success', key: 'value' });
  });

  it.each<[string, JsonValue]>([
    ['an array', [{ a: 1 }]],
    ['a string', 'abc'],
    ['a number', 1],
    ['null', null],
  ])('gives only data for %s', (_what, value) => {
    expect(eventParams(anEvent({ data: jsonData(value) }))).toEqual({
      data: value,
      event: expect.any(Object) as object,
    });
  });

  it.each([[[1]], ['x'], [null], [7]])(
    'takes inputs that are %j as a member like any other',
    (inputs) => {
      expect(Object.keys(eventParams(anEvent({ data: jsonData({ inputs }) })))).toEqual([
        'event',
        'inputs',
        'data',
      ]);
    },
  );

  it('gives text as it is, bytes in base64, and nothing where there is nothing', () => {
    expect(eventParams(anEvent({ data: { kind: 'text', text: '<a/>' } }))).toMatchObject({
      data: '<a/>',
    });
    expect(
      eventParams(anEvent({ data: { kind: 'binary', bytes: Uint8Array.of(0, 255) } })),
    ).toMatchObject({ data: 'AP8=' });
    expect(Object.keys(eventParams(anEventWithoutData()))).toEqual(['event']);
  });

  it('takes only own members, and is not changed by a key __proto__', () => {
    const data = JSON.parse('{"__proto__":{"inputs":{"a":1}},"constructor":2}') as JsonValue;

    const params = eventParams(anEvent({ data: jsonData(data) }));

    expect(Object.keys(params)).toEqual(['event', '__proto__', 'constructor', 'data']);
    expect(Object.getPrototypeOf(params)).toBe(Object.prototype);
  });

  it('has what the request of a webhook said, unless the data says it', () => {
    const request = { query: { q: '1' }, headers: { 'x-github-event': 'push' } };

    const { data: _, ...withoutData } = anEvent();

    expect(eventParams(withoutData, request)).toMatchObject(request);
    expect(eventParams(anEvent({ data: jsonData({ query: 'own' }) }), request)).toMatchObject({
      ...request,
      query: 'own',
    });
  });
});
