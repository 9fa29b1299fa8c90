import { errorOf } from '@app/errors/testing';
import { SigningKeys } from '@app/signing';
import fc from 'fast-check';
import { type Message } from '../nats/message.js';
import { toStructuredJson } from '../structured/structured-json.js';
import { aDispatch } from '../testing/a-dispatch.js';
import { anEvent, jsonData } from '../testing/an-event.js';
import { arbitraryEvent } from '../testing/arbitrary-event.js';
import { EVENT_LIMITS } from '../testing/event-limits.js';
import { plainEvent } from '../testing/plain-event.js';
import { type Dispatch, TRIGGER_KINDS } from './dispatch.js';
import {
  decodeDispatchBatch,
  encodeDispatchBatch,
  type WrittenDispatch,
} from './dispatch-batch.js';
import { decodeDispatch, encodeDispatch } from './dispatch-message.js';

const KEYS = new SigningKeys('shared by our own services');
const REQUEST = { query: { q: ['a', 'ü\n'] }, headers: { 'x-github-event': 'push' } };
const MEMBERS = ['1', '2', '3'].map((id) =>
  aDispatch({ workflowId: `wf${id}`, event: anEvent({ id, data: jsonData({ text: 'ü' }) }) }),
);

function written(dispatch: Dispatch): WrittenDispatch {
  const text = toStructuredJson(dispatch.event);
  return { dispatch, text, bytes: Buffer.byteLength(text) };
}

function batchOf(dispatches: readonly Dispatch[], keys = KEYS): Message {
  return encodeDispatchBatch(dispatches.map(written), keys);
}

type Facts = Readonly<Record<string, unknown>>;

/** A batch whose facts are changed, by somebody who has the key. */
function withFacts(change: (facts: readonly Facts[]) => unknown): Message {
  const { headers, payload } = batchOf(MEMBERS);
  const facts = JSON.parse(headers['flow-dispatches'] ?? '') as Facts[];
  const header = JSON.stringify(change(facts));
  const signature = KEYS.sign('dispatch', ['batch', header, payload]);
  return { headers: { 'flow-dispatches': header, 'flow-signature': signature }, payload };
}

describe(encodeDispatchBatch.name, () => {
  const dispatches = fc.array(
    fc
      .record({
        event: arbitraryEvent(),
        workflowRevision: fc.integer({ min: 1 }),
        requires: fc.constantFrom(undefined, ['task:teleport']),
        trigger: fc.constantFrom(...TRIGGER_KINDS),
        acceptedAt: fc.maxSafeNat(),
        request: fc.constantFrom(undefined, REQUEST),
      })
      .map(aDispatch),
    { minLength: 1, maxLength: 5 },
  );

  it('gives back every dispatch, in its order', () => {
    fc.assert(
      fc.property(dispatches, (sent) => {
        const members = decodeDispatchBatch(batchOf(sent), KEYS);

        const read = members.map((member) => member.read());
        expect(read.map((one) => ({ ...one, event: plainEvent(one.event) }))).toEqual(sent);
        expect(members.map(({ workflowId }) => workflowId)).toEqual(
          sent.map(({ workflowId }) => workflowId),
        );
      }),
    );
  });

  it('gives back each as a message of its own, equal to the byte', () => {
    fc.assert(
      fc.property(dispatches, (sent) => {
        const alone = decodeDispatchBatch(batchOf(sent), KEYS).map((member) => member.alone());

        expect(alone.map(({ payload }) => Buffer.from(payload).toString())).toEqual(
          sent.map(({ event }) => toStructuredJson(event)),
        );
        expect(alone.map(({ headers }) => headers['content-type'])).toEqual(
          sent.map((one) => encodeDispatch(one, KEYS).headers['content-type']),
        );
        const read = alone.map((message) => decodeDispatch(message, KEYS, EVENT_LIMITS));
        expect(
          read.map((one) => one.kind === 'signed' && { ...one.dispatch, event: undefined }),
        ).toEqual(sent.map((one) => ({ ...one, event: undefined })));
      }),
    );
  });

  it('is a batch of CloudEvents to any other reader, with headers of ASCII', () => {
    const { headers, payload } = batchOf([...MEMBERS, aDispatch({ request: REQUEST })]);

    expect(headers['content-type']).toBe('application/cloudevents-batch+json; charset=utf-8');
    expect(Object.values(headers).join('')).toMatch(/^[\x20-\x7e]+$/);
    const events = JSON.parse(Buffer.from(payload).toString()) as { specversion: string }[];
    expect(events.map(({ specversion }) => specversion)).toEqual(['1.0', '1.0', '1.0', '1.0']);
  });
});

describe(decodeDispatchBatch.name, () => {
  const { headers, payload } = batchOf(MEMBERS);

  it.each<[string, Message]>([
    ['nobody has signed', { headers: { ...headers, 'flow-signature': '' }, payload }],
    ['another has signed', batchOf(MEMBERS, new SigningKeys('another secret'))],
    ['has another payload', { headers, payload: Buffer.from(payload).fill('x', 20, 21) }],
    ['is none', { headers: { 'flow-signature': headers['flow-signature'] ?? '' }, payload }],
    ['is a single dispatch', encodeDispatch(aDispatch(), KEYS)],
  ])('refuses a batch that %s', (_, message) => {
    expect(errorOf(() => decodeDispatchBatch(message, KEYS)).code).toBe(
      'DISPATCH_SIGNATURE_INVALID',
    );
  });

  it('is never taken for a single dispatch', () => {
    const { 'flow-dispatches': facts = '', ...rest } = headers;
    const message = { headers: { ...rest, 'flow-dispatch': facts }, payload };

    expect(errorOf(() => decodeDispatch(message, KEYS, EVENT_LIMITS)).code).toBe(
      'DISPATCH_SIGNATURE_INVALID',
    );
  });

  it.each<[string, Parameters<typeof withFacts>[0]]>([
    ['are of fewer events', (facts) => facts.slice(1)],
    ['are longer', ([first, ...rest]) => [{ ...first, bytes: 1_000_000 }, ...rest]],
    ['have no length', ([first, ...rest]) => [{ ...first, bytes: undefined }, ...rest]],
    ['are no list', (facts) => facts[0]],
    ['are no objects', () => [1, 2, 3]],
  ])('refuses signed facts that %s', (_, change) => {
    expect(errorOf(() => decodeDispatchBatch(withFacts(change), KEYS)).code).toBe(
      'DISPATCH_INVALID',
    );
  });

  it('decodes the others when one cannot be read, and gives that one as it came', () => {
    const message = withFacts(([first, second, third]) => [
      first,
      { ...second, trigger: 'of later' },
      third,
    ]);
    const members = decodeDispatchBatch(message, KEYS);

    expect(errorOf(() => members[1]?.read()).code).toBe('DISPATCH_INVALID');
    expect([members[0]?.read(), members[2]?.read()]).toEqual([MEMBERS[0], MEMBERS[2]]);
    const alone = members[1]?.alone();
    expect(alone?.headers['flow-dispatch']).toContain('"trigger":"of later"');
    expect(alone?.headers['flow-dispatch']).not.toContain('bytes');
  });
});
