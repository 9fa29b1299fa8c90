import { anEvent } from '@app/events/testing';
import {
  DispatchFailedError,
  DispatchRefusedError,
  DispatchTooLargeError,
  type EventMessage,
  NoRoomError,
  NoStreamError,
  type StoredMessage,
} from '@app/messaging';
import { type TaskOutcome } from '../task-handler.js';
import { NatsEvents, type Publishing } from './nats-events.js';

const STORED: StoredMessage = { stream: 'ORDERS', sequence: 7, duplicate: false };

/** NATS as far as a sender sees it. */
class MemoryNats implements Publishing {
  available = true;
  error: Error | undefined;
  readonly stored: EventMessage[] = [];
  readonly sent: EventMessage[] = [];

  subjectProblem(subject: string): string | undefined {
    return subject.startsWith('flow.out.') ? undefined : 'is not allowed';
  }

  async store(message: EventMessage): Promise<StoredMessage> {
    if (this.error) throw this.error;
    this.stored.push(message);
    return STORED;
  }

  async send(message: EventMessage): Promise<void> {
    if (this.error) throw this.error;
    this.sent.push(message);
  }
}

describe(NatsEvents.name, () => {
  const event = anEvent();
  let nats: MemoryNats;

  beforeEach(() => {
    nats = new MemoryNats();
  });

  function send(
    to: { readonly subject?: string; readonly isStored?: boolean } = {},
    repeats = 0,
  ): Promise<TaskOutcome> {
    const target = { kind: 'nats', subject: 'flow.out.a', isStored: true, ...to } as const;
    return new NatsEvents(nats).send({ event, mode: 'binary', to: target, repeats });
  }

  it('succeeds with the place in the stream', async () => {
    expect(await send()).toEqual({ kind: 'succeeded', results: { id: event.id, ...STORED } });
    expect(nats.stored).toEqual([{ subject: 'flow.out.a', event, mode: 'binary' }]);
  });

  it('needs no stream with stored: false', async () => {
    expect(await send({ isStored: false })).toEqual({
      kind: 'succeeded',
      results: { id: event.id },
    });
    expect([nats.stored, nats.sent]).toMatchObject([[], [{ subject: 'flow.out.a' }]]);
  });

  it('publishes on no subject that workflows may not use', async () => {
    expect(await send({ subject: 'flow.event.w' })).toMatchObject({
      code: 'EVENT_SUBJECT_REFUSED',
      retryable: false,
      outcomeKnown: true,
    });
    expect(nats.stored).toEqual([]);
  });

  it('waits on record while NATS is gone, longer each time, up to a bound', async () => {
    nats.available = false;
    const delays: number[] = [];
    for (const repeats of [0, 1, 2, 50]) {
      const outcome = await send({}, repeats);
      if (outcome.kind === 'postponed') delays.push(outcome.delayMs);
    }

    expect(delays).toEqual([500, 1_000, 2_000, 60_000]);
  });

  it('waits on record for room', async () => {
    nats.error = new NoRoomError('nats', '1 is on its way');

    expect(await send()).toEqual({ kind: 'postponed', delayMs: 500 });
  });

  it.each<[string, Error, string, boolean, boolean]>([
    ['no stream', new NoStreamError('nats', 'none'), 'EVENT_NO_STREAM', true, true],
    ['a full stream', new DispatchRefusedError('full', 10_077), 'EVENT_REFUSED', true, true],
    ['an odd answer', new DispatchRefusedError('+OK', undefined), 'EVENT_REFUSED', true, false],
    ['no answer', new DispatchFailedError('nats', 'late'), 'EVENT_UNACKNOWLEDGED', true, false],
    ['its size', new DispatchTooLargeError('nats', 2, 1), 'EVENT_TOO_LARGE', false, true],
  ])('fails by %s', async (_what, error, code, retryable, outcomeKnown) => {
    nats.error = error;

    expect(await send()).toMatchObject({ kind: 'failed', code, retryable, outcomeKnown });
  });

  it('reports that the installation has no NATS', async () => {
    const to = { kind: 'nats', subject: 'flow.out.a', isStored: true } as const;
    const sending = { event, mode: 'binary', to, repeats: 0 } as const;

    expect(await new NatsEvents(undefined).send(sending)).toMatchObject({
      code: 'EVENT_NATS_MISSING',
      retryable: false,
    });
  });
});
