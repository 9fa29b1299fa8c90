import { decodeDispatch, encodeDispatch, encodeStructuredMessage, type Message } from '@app/events';
import { aDispatch, anEvent, EVENT_LIMITS } from '@app/events/testing';
import { type DeadMessage } from '@app/messaging';
import { MemoryActivityStore, MemoryDeadLetterStore, NOW } from '@app/persistence/testing';
import { MemoryLog } from '@app/observability/testing';
import { SigningKeys } from '@app/signing';
import { StoredDeadLetters } from './stored-dead-letters.js';

const BOUNDS = { lettersMax: 2, bytesMax: 1_000_000 };
const KEYS = new SigningKeys('s'.repeat(32));

describe(StoredDeadLetters.name, () => {
  let letters: MemoryDeadLetterStore;
  let activities: MemoryActivityStore;
  let sink: StoredDeadLetters;

  beforeEach(() => {
    letters = new MemoryDeadLetterStore();
    activities = new MemoryActivityStore();
    const decode = (message: DeadMessage) => decodeDispatch(message, KEYS, EVENT_LIMITS);
    sink = new StoredDeadLetters(letters, activities, decode, () => NOW, BOUNDS, new MemoryLog());
  });

  it('records an event that was accepted while MongoDB was gone, due at once', async () => {
    const dispatch = aDispatch({ recorded: false });
    const message = deadMessage(encodeDispatch(dispatch, KEYS));
    await sink.keep(message);
    await sink.keep(message);

    expect(await activities.get(dispatch.activityId)).toMatchObject({
      status: 'queued',
      workflowId: dispatch.workflowId,
      createdAt: dispatch.acceptedAt,
      wakeAt: NOW,
    });
    const [letter, ...others] = await letters.list(10);
    expect(letter).toMatchObject({ ...message, at: NOW });
    expect(letter?.id).toMatch(/^FLOW_EVENTS:7:[0-9a-f]{16}$/);
    expect(others).toEqual([]);
  });

  it('keeps both of two messages with the same sequence, as after NATS lost its data', async () => {
    const messages = ['before', 'after'].map((id) => {
      const message = deadMessage(encodeStructuredMessage(anEvent({ id })));
      return { ...message, code: 'TOKEN_MISSING' };
    });
    for (const message of messages) await sink.keep(message);

    expect(await letters.list(10)).toHaveLength(2);
  });

  it('does not give up the message while its event cannot be recorded', async () => {
    activities.outage.begin();
    const message = deadMessage(encodeDispatch(aDispatch({ recorded: false }), KEYS));

    await expect(sink.keep(message)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await letters.list(10)).toEqual([]);
  });

  it('does not record an event again that is recorded', async () => {
    const dispatch = aDispatch({ recorded: true });
    await sink.keep(deadMessage(encodeDispatch(dispatch, KEYS)));

    expect(await activities.get(dispatch.activityId)).toBeUndefined();
    expect(await letters.list(10)).toHaveLength(1);
  });

  it('removes a batch of dispatches before messages that are the only copy', async () => {
    const batch = deadMessage({ headers: { 'flow-dispatches': '[]' }, payload: Buffer.from('[]') });
    for (const id of ['1', '2']) {
      const event = deadMessage(encodeStructuredMessage(anEvent({ id })));
      await sink.keep({ ...event, code: 'TOKEN_MISSING' });
    }
    await sink.keep({ ...batch, stream: 'FLOW_BATCHES', code: 'DISPATCH_FAILED' });
    await sink.settled();

    const streams = (await letters.list(10)).map(({ stream }) => stream);
    expect(streams).toEqual(['FLOW_EVENTS', 'FLOW_EVENTS']);
  });

  it('does not trust a wrong signature', async () => {
    const dispatch = aDispatch({ recorded: false });
    await sink.keep(deadMessage(encodeDispatch(dispatch, new SigningKeys('x'.repeat(32)))));

    expect(await activities.get(dispatch.activityId)).toBeUndefined();
    expect(await letters.list(10)).toHaveLength(1);
  });

  it.each([
    [
      'what came through the ingress',
      encodeDispatch(aDispatch({ recorded: true }), KEYS),
      {},
      true,
    ],
    ['what will never be an event', structured(), { code: 'EVENT_INVALID' }, true],
    ['a signal', structured(), { stream: 'FLOW_SIGNALS' }, true],
    [
      'what a worker sent that is no answer',
      structured(),
      { stream: 'FLOW_ANSWERS', code: 'WORKER_ANSWER_INVALID' },
      true,
    ],
    ['an event that had no right token', structured(), { code: 'TOKEN_INVALID' }, false],
    ['an event that was tried too often', structured(), {}, false],
    [
      'what has the signature of another secret',
      encodeDispatch(aDispatch({ recorded: false }), new SigningKeys('x'.repeat(32))),
      { code: 'DISPATCH_SIGNATURE_INVALID' },
      false,
    ],
    [
      'the same where all is on record before',
      encodeDispatch(aDispatch({ recorded: true }), new SigningKeys('x'.repeat(32))),
      { code: 'DISPATCH_SIGNATURE_INVALID', stream: 'FLOW_DISPATCHES' },
      true,
    ],
    [
      "a stranger's event there, which is on no record",
      structured(),
      { code: 'DISPATCH_SIGNATURE_INVALID', stream: 'FLOW_DISPATCHES' },
      false,
    ],
  ])(
    'decides whether a letter with %s is dispensable',
    async (_what, message, rest, dispensable) => {
      await sink.keep({ ...deadMessage(message), ...rest });

      expect(await letters.list(10)).toMatchObject([{ dispensable }]);
    },
  );

  it('removes the oldest dispensable letters, and keeps the rest beyond the bound', async () => {
    for (let sequence = 0; sequence < 6; sequence += 1) {
      const code = sequence % 2 === 0 ? 'EVENT_INVALID' : 'TOKEN_INVALID';
      await sink.keep({ ...deadMessage(structured()), sequence, code });
      await sink.settled();
    }

    const kept = (await letters.list(10)).map(({ sequence }) => sequence);
    expect(kept.toSorted()).toEqual([1, 3, 5]);
  });

  it('keeps no token of an event that was published past the ingress', async () => {
    const event = anEvent({ extensions: { token: 'bfw_secret' } });
    await sink.keep(deadMessage(encodeStructuredMessage(event)));

    const [letter] = await letters.list(10);
    expect(Buffer.from(letter?.payload ?? []).toString()).toContain('"token":"**********"');
  });
});

function deadMessage({ headers, payload }: Message): DeadMessage {
  return {
    stream: 'FLOW_EVENTS',
    subject: 'flow.event.wf1',
    sequence: 7,
    deliveries: 20,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    payload,
    code: 'DELIVERIES_EXHAUSTED',
    reason: 'It came too often',
  };
}

function structured(): Message {
  return encodeStructuredMessage(anEvent());
}
