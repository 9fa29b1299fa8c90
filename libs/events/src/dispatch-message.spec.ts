import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { decodeDispatch, encodeDispatch } from './dispatch-message.js';
import { InvalidEventError } from './errors.js';
import { encodeBinaryMessage, encodeStructuredMessage } from './nats/message.js';
import { errorOf } from './testing/error-of.js';
import { aDispatch, anEvent, arbitraryEvent, jsonData } from './testing/index.js';
import { plainEvent } from './testing/plain-event.js';
import { TRIGGER_KINDS } from './trigger.js';

const SECRET = 'shared by our own services';
const SEALED = encodeDispatch(aDispatch(), SECRET);

describe(encodeDispatch.name, () => {
  it('gives back every dispatch', () => {
    const facts = fc.record({
      event: arbitraryEvent(),
      workflowRevision: fc.integer({ min: 1 }),
      trigger: fc.constantFrom(...TRIGGER_KINDS),
      acceptedAt: fc.maxSafeNat(),
      recorded: fc.boolean(),
    });
    fc.assert(
      fc.property(facts, (differences) => {
        const dispatch = aDispatch(differences);

        const received = decodeDispatch(encodeDispatch(dispatch, SECRET), SECRET);

        if (received.kind !== 'sealed') throw new Error('not sealed');
        expect({ ...received.dispatch, event: plainEvent(received.dispatch.event) }).toEqual(
          dispatch,
        );
      }),
    );
  });

  it('is a CloudEvent to any other reader', () => {
    expect(SEALED.headers['content-type']).toBe('application/cloudevents+json; charset=utf-8');
    expect(JSON.parse(Buffer.from(SEALED.payload).toString())).toMatchObject({
      specversion: '1.0',
    });
  });

  it('has headers of ASCII, whatever the event says', () => {
    const { headers } = encodeDispatch(
      aDispatch({ event: anEvent({ subject: '/wf1/ü' }) }),
      SECRET,
    );

    expect(Object.values(headers).join('')).toMatch(/^[\x20-\x7e]+$/);
  });
});

describe(decodeDispatch.name, () => {
  it('reads headers as the NATS client and as Node give them', () => {
    const lists = Object.entries(SEALED.headers).map(([name, value]) => [
      name.toUpperCase(),
      [value],
    ]);
    const message = { ...SEALED, headers: Object.fromEntries(lists) as Record<string, string[]> };

    expect(decodeDispatch(message, SECRET)).toEqual({ kind: 'sealed', dispatch: aDispatch() });
  });

  it.each([
    ['another payload', { payload: encodeStructuredMessage(anEvent({ subject: '/wf2' })).payload }],
    [
      'another payload of the same length',
      {
        payload: Buffer.from(Buffer.from(SEALED.payload).toString().replace('"value"', '"eulav"')),
      },
    ],
    [
      'other facts',
      { headers: { 'flow-dispatch': SEALED.headers['flow-dispatch']?.replace('wf1', 'wf2') } },
    ],
    ['no seal at all', { headers: { 'flow-seal': undefined } }],
    ['no facts', { headers: { 'flow-dispatch': undefined } }],
    ['an empty seal', { headers: { 'flow-seal': '' } }],
    ['a shorter seal', { headers: { 'flow-seal': SEALED.headers['flow-seal']?.slice(0, -4) } }],
    ['two seals', { headers: { 'flow-seal': [SEALED.headers['flow-seal'] ?? '', ''] } }],
  ])(
    'refuses the seal on %s',
    (
      _what,
      { headers = {}, payload = SEALED.payload }: { headers?: object; payload?: Uint8Array },
    ) => {
      const message = { headers: { ...SEALED.headers, ...headers }, payload };

      expect(errorOf(() => decodeDispatch(message, SECRET)).code).toBe('DISPATCH_SEAL_INVALID');
    },
  );

  it('refuses a seal made with another secret', () => {
    expect(errorOf(() => decodeDispatch(SEALED, 'another')).code).toBe('DISPATCH_SEAL_INVALID');
  });

  it.each([
    '[]',
    '{}',
    '{"activityId":"a","workflowId":"w","workflowRevision":"1","trigger":"event","acceptedAt":1,"recorded":true}',
    '{"activityId":"a","workflowId":"w","workflowRevision":1,"trigger":"x","acceptedAt":1,"recorded":true}',
    'x',
  ])('refuses sealed facts that are %s', (facts) => {
    const seal = createHmac('sha256', SECRET)
      .update(facts)
      .update('\n')
      .update(SEALED.payload)
      .digest('base64url');
    const headers = { 'flow-dispatch': facts, 'flow-seal': seal };

    expect(errorOf(() => decodeDispatch({ ...SEALED, headers }, SECRET)).code).toBe(
      'DISPATCH_INVALID',
    );
  });

  it('refuses a sealed event whose data can not be read, instead of running it without', () => {
    const data = { kind: 'binary', bytes: Buffer.from('no JSON') } as const;
    const event = anEvent({ datacontenttype: 'application/json', data });
    const message = encodeDispatch(aDispatch({ event }), SECRET);

    expect(errorOf(() => decodeDispatch(message, SECRET))).toBeInstanceOf(InvalidEventError);
  });

  it('takes a sealed event that would be out of our own bounds: it was accepted', () => {
    const event = anEvent({ data: jsonData([[[1]]]) });
    const message = encodeDispatch(aDispatch({ event }), SECRET);

    expect(decodeDispatch(message, SECRET, { nestingMax: 1, membersMax: 1 })).toMatchObject({
      kind: 'sealed',
    });
  });

  it.each([
    ['structured', encodeStructuredMessage],
    ['binary', encodeBinaryMessage],
  ])('leaves a %s event without a seal to be authorized', (_mode, encode) => {
    const event = anEvent({ extensions: { token: 'bfw_x' } });

    expect(decodeDispatch(encode(event), SECRET)).toEqual({ kind: 'unsealed', event });
  });

  it('holds an event without a seal to the bounds', () => {
    const message = encodeStructuredMessage(anEvent({ data: jsonData([[1]]) }));

    expect(
      errorOf(() => decodeDispatch(message, SECRET, { nestingMax: 1, membersMax: 1 })),
    ).toBeInstanceOf(InvalidEventError);
  });
});
