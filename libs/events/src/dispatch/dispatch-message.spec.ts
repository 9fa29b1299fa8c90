import { errorOf } from '@app/errors/testing';
import fc from 'fast-check';
import { createHmac } from 'node:crypto';
import { SigningKeys } from '@app/signing';
import { decodeDispatch, encodeDispatch } from './dispatch-message.js';
import { InvalidEventError } from '../errors.js';
import { encodeBinaryMessage, encodeStructuredMessage, type Message } from '../nats/message.js';
import { aDispatch } from '../testing/a-dispatch.js';
import { anEvent, jsonData } from '../testing/an-event.js';
import { arbitraryEvent } from '../testing/arbitrary-event.js';
import { plainEvent } from '../testing/plain-event.js';
import { TRIGGER_KINDS } from './dispatch.js';
import { EVENT_LIMITS } from '../testing/event-limits.js';

const SECRET = 'shared by our own services';
const KEYS = new SigningKeys(SECRET);
const SIGNED = encodeDispatch(aDispatch(), KEYS);
const SIGNATURE = SIGNED.headers['flow-signature'] ?? '';

const REQUESTS = [
  { query: {}, headers: {} },
  { query: { q: ['a', '\u00fc\u{1f600}\u007f\n'] }, headers: { 'x-github-event': 'push' } },
];

/** What release 0.1 would have written for the same dispatch. */
function asRelease01({ headers, payload }: Message, secret = SECRET): Message {
  const facts = headers['flow-dispatch'] ?? '';
  const signature = createHmac('sha256', secret)
    .update(`${facts}\n`)
    .update(payload)
    .digest('base64url');
  const { 'flow-signature': _, ...others } = headers;
  return { headers: { ...others, 'flow-seal': signature }, payload };
}

describe(encodeDispatch.name, () => {
  it('gives back every dispatch', () => {
    const facts = fc.record({
      event: arbitraryEvent(),
      workflowRevision: fc.integer({ min: 1 }),
      trigger: fc.constantFrom(...TRIGGER_KINDS),
      acceptedAt: fc.maxSafeNat(),
      recorded: fc.boolean(),
      request: fc.option(fc.constantFrom(...REQUESTS), { nil: undefined }),
    });
    fc.assert(
      fc.property(facts, (differences) => {
        const dispatch = aDispatch(differences);

        const received = decodeDispatch(encodeDispatch(dispatch, KEYS), KEYS, EVENT_LIMITS);

        if (received.kind !== 'signed') throw new Error('not signed');
        expect({ ...received.dispatch, event: plainEvent(received.dispatch.event) }).toEqual(
          dispatch,
        );
      }),
    );
  });

  it('is a CloudEvent to any other reader', () => {
    expect(SIGNED.headers['content-type']).toBe('application/cloudevents+json; charset=utf-8');
    expect(JSON.parse(Buffer.from(SIGNED.payload).toString())).toMatchObject({
      specversion: '1.0',
    });
  });

  it('has headers of ASCII, also for an event that is not', () => {
    const { headers } = encodeDispatch(
      aDispatch({ event: anEvent({ subject: '/wf1/ü' }), request: REQUESTS[1] }),
      KEYS,
    );

    expect(Object.values(headers).join('')).toMatch(/^[\x20-\x7e]+$/);
  });
});

describe(decodeDispatch.name, () => {
  it('reads headers as the NATS client and as Node give them', () => {
    const lists = Object.entries(SIGNED.headers).map(([name, value]) => [
      name.toUpperCase(),
      [value],
    ]);
    const message = { ...SIGNED, headers: Object.fromEntries(lists) as Record<string, string[]> };

    expect(decodeDispatch(message, KEYS, EVENT_LIMITS)).toEqual({
      kind: 'signed',
      dispatch: aDispatch(),
    });
  });

  it.each([
    ['another payload', { payload: encodeStructuredMessage(anEvent({ subject: '/wf2' })).payload }],
    [
      'another payload of the same length',
      {
        payload: Buffer.from(Buffer.from(SIGNED.payload).toString().replace('"value"', '"eulav"')),
      },
    ],
    [
      'other facts',
      { headers: { 'flow-dispatch': SIGNED.headers['flow-dispatch']?.replace('wf1', 'wf2') } },
    ],
    ['no signature at all', { headers: { 'flow-signature': undefined } }],
    ['no facts', { headers: { 'flow-dispatch': undefined } }],
    ['an empty signature', { headers: { 'flow-signature': '' } }],
    ['a shorter signature', { headers: { 'flow-signature': SIGNATURE.slice(0, -4) } }],
    ['two signatures', { headers: { 'flow-signature': [SIGNATURE, ''] } }],
  ])(
    'refuses the signature on %s',
    (
      _what,
      { headers = {}, payload = SIGNED.payload }: { headers?: object; payload?: Uint8Array },
    ) => {
      const message = { headers: { ...SIGNED.headers, ...headers }, payload };

      expect(errorOf(() => decodeDispatch(message, KEYS, EVENT_LIMITS)).code).toBe(
        'DISPATCH_SIGNATURE_INVALID',
      );
    },
  );

  it('reads messages of release 0.1, also during a rotation of the secret', () => {
    const expected = { kind: 'signed', dispatch: aDispatch() };

    expect(decodeDispatch(asRelease01(SIGNED), KEYS, EVENT_LIMITS)).toEqual(expected);
    expect(
      decodeDispatch(asRelease01(SIGNED), new SigningKeys('new', SECRET), EVENT_LIMITS),
    ).toEqual(expected);
  });

  it('refuses a message in the form of release 0.1 with the signature of another secret', () => {
    const { headers, payload } = asRelease01(SIGNED);
    const others = [
      asRelease01(SIGNED, 'another'),
      { headers: { ...headers, 'flow-dispatch': '{}' }, payload },
      { headers, payload: Buffer.concat([payload, Buffer.from(' ')]) },
      // The one form is not taken for the other.
      { headers: { ...headers, 'flow-signature': headers['flow-seal'] ?? '' }, payload },
    ];

    for (const message of others) {
      expect(errorOf(() => decodeDispatch(message, KEYS, EVENT_LIMITS)).code).toBe(
        'DISPATCH_SIGNATURE_INVALID',
      );
    }
  });

  it('reads messages signed before, during and after a rotation of the secret', () => {
    const [before, during, after] = [
      new SigningKeys('old'),
      new SigningKeys('new', 'old'),
      new SigningKeys('new'),
    ];
    const isTaken = (signer: SigningKeys, verifier: SigningKeys): boolean =>
      decodeDispatch(encodeDispatch(aDispatch(), signer), verifier, EVENT_LIMITS).kind === 'signed';

    expect([isTaken(before, during), isTaken(during, before)]).toEqual([true, true]);
    expect([isTaken(during, after), isTaken(after, during)]).toEqual([true, true]);
    expect(() => isTaken(before, after)).toThrow('signature');
  });

  it('refuses a signature made with another secret', () => {
    expect(
      errorOf(() => decodeDispatch(SIGNED, new SigningKeys('another'), EVENT_LIMITS)).code,
    ).toBe('DISPATCH_SIGNATURE_INVALID');
  });

  it.each([
    '[]',
    '{}',
    '{"activityId":"a","workflowId":"w","workflowRevision":1,"trigger":"event","acceptedAt":1,"recorded":true,"request":{"query":1}}',
    '{"activityId":"a","workflowId":"w","workflowRevision":"1","trigger":"event","acceptedAt":1,"recorded":true}',
    '{"activityId":"a","workflowId":"w","workflowRevision":1,"trigger":"x","acceptedAt":1,"recorded":true}',
    'x',
  ])('refuses signed facts that are %s', (facts) => {
    const signature = KEYS.sign('dispatch', [facts, SIGNED.payload]);
    const headers = { 'flow-dispatch': facts, 'flow-signature': signature };

    expect(errorOf(() => decodeDispatch({ ...SIGNED, headers }, KEYS, EVENT_LIMITS)).code).toBe(
      'DISPATCH_INVALID',
    );
  });

  it('refuses a signed event whose data cannot be read, instead of running it without', () => {
    const { id, source, type } = anEvent();
    const text = JSON.stringify({ specversion: '1.0', id, source, type, data_base64: '***' });
    const payload = Buffer.from(text);
    const facts = SIGNED.headers['flow-dispatch'] ?? '';
    const signature = KEYS.sign('dispatch', [facts, payload]);
    const headers = { 'flow-dispatch': facts, 'flow-signature': signature };

    expect(errorOf(() => decodeDispatch({ headers, payload }, KEYS, EVENT_LIMITS))).toBeInstanceOf(
      InvalidEventError,
    );
  });

  it('keeps bytes of a JSON type that are no JSON', () => {
    const data = { kind: 'binary', bytes: Buffer.from('no JSON') } as const;
    const event = anEvent({ datacontenttype: 'application/json', data });
    const message = encodeDispatch(aDispatch({ event }), KEYS);

    expect(decodeDispatch(message, KEYS, EVENT_LIMITS)).toMatchObject({
      dispatch: { event: { data } },
    });
  });

  it('reads a signed event beyond the bounds of this process, because the ingress accepted it', () => {
    const event = anEvent({ data: jsonData([[[1]]]) });
    const message = encodeDispatch(aDispatch({ event }), KEYS);

    expect(decodeDispatch(message, KEYS, { nestingMax: 1, membersMax: 1 })).toMatchObject({
      kind: 'signed',
    });
  });

  it.each([
    ['structured', encodeStructuredMessage],
    ['binary', encodeBinaryMessage],
  ])('reads a %s event without a signature as unsigned', (_mode, encode) => {
    const event = anEvent({ extensions: { token: 'bfw_x' } });

    expect(decodeDispatch(encode(event), KEYS, EVENT_LIMITS)).toEqual({ kind: 'unsigned', event });
  });

  it('applies the bounds to an unsigned event', () => {
    const message = encodeStructuredMessage(anEvent({ data: jsonData([[1]]) }));

    expect(
      errorOf(() => decodeDispatch(message, KEYS, { nestingMax: 1, membersMax: 1 })),
    ).toBeInstanceOf(InvalidEventError);
  });
});
