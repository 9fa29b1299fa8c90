import { type BatchedDispatch, type ReceivedDispatch } from '@app/events';
import { aDispatch, anEvent } from '@app/events/testing';
import { DispatchFailedError } from '@app/messaging';
import { StoreUnavailableError } from '@app/persistence';
import { BatchIntake } from './batch-intake.js';

class RecordedIntake {
  readonly taken: string[] = [];
  /** By id of the event, what becomes of it; what is not there is taken. */
  readonly outcomes = new Map<string, Promise<void>>();

  async take(received: ReceivedDispatch): Promise<void> {
    const { id } = received.kind === 'signed' ? received.dispatch.event : received.event;
    await this.outcomes.get(id);
    this.taken.push(id);
  }
}

function member(id: string, read?: () => never): BatchedDispatch {
  const dispatch = aDispatch({ event: anEvent({ id }) });
  return {
    workflowId: dispatch.workflowId,
    read: read ?? (() => dispatch),
    alone: () => ({ headers: {}, payload: Buffer.from(id) }),
  };
}

describe(BatchIntake.name, () => {
  const batch = ['1', '2', '3'].map((id) => member(id));
  let intake: RecordedIntake;
  let split: (readonly BatchedDispatch[])[];
  let settled: number;
  let batches: BatchIntake;

  beforeEach(() => {
    intake = new RecordedIntake();
    split = [];
    settled = 0;
    batches = new BatchIntake(intake, { split: async (one) => void split.push(one) });
  });

  const take = (dispatches: readonly BatchedDispatch[], deliveries = 1): Promise<void> =>
    batches.take(dispatches, deliveries, () => (settled += 1));

  it('handles each dispatch like one that came alone', async () => {
    await take(batch);

    expect(intake.taken).toEqual(['1', '2', '3']);
    expect(settled).toBe(3);
    expect(split).toEqual([]);
  });

  it('acknowledges the message when all are handled, and delays none for another', async () => {
    let open = (): void => undefined;
    intake.outcomes.set('2', new Promise((resolve) => (open = resolve)));
    let isDone = false;
    const taking = take(batch).then(() => (isDone = true));
    await new Promise(setImmediate);

    expect([intake.taken, settled, isDone]).toEqual([['1', '3'], 2, false]);
    open();
    await taking;
    expect(intake.taken).toEqual(['1', '3', '2']);
  });

  it.each([
    ['fails', () => intake.outcomes.set('2', Promise.reject(new StoreUnavailableError('gone')))],
    ['cannot be read', () => undefined],
  ])('handles the others if one %s, and asks for the message again', async (_, breakOne) => {
    breakOne();
    const unreadable = member('2', () => {
      throw new StoreUnavailableError('what reading said');
    });

    const taking = take([
      member('1'),
      intake.outcomes.has('2') ? member('2') : unreadable,
      member('3'),
    ]);

    await expect(taking).rejects.toMatchObject({
      code: 'DISPATCH_BATCH_BROKEN',
      kind: 'transient',
    });
    expect(intake.taken).toEqual(['1', '3']);
    expect(settled).toBe(3);
  });

  it('sends a redelivered batch one by one without running it, since one of them may crash the process', async () => {
    await take(batch, 2);

    expect(split).toEqual([batch]);
    expect(intake.taken).toEqual([]);
  });

  it('asks for the message again until it could be sent one by one', async () => {
    const failing = new BatchIntake(intake, {
      split: () => Promise.reject(new DispatchFailedError('nats', 'for a test')),
    });

    await expect(failing.take(batch, 3, () => undefined)).rejects.toThrow(DispatchFailedError);
  });
});
