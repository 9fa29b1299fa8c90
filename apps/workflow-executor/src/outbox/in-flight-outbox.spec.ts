import { FlowMetrics } from '@app/observability';
import { MemoryLog } from '@app/observability/testing';
import { aNewActivity, NOW } from '@app/persistence/testing';
import {
  CHILD_CANCEL,
  CHILD_REQUEST,
  type OutboxEntry,
  WORKER_CANCEL_ENTRY,
  WORKER_TASK_ENTRY,
} from '@app/workflow-engine';
import { Semaphore } from '../runs/driving/semaphore.js';
import { DeliveryService } from './delivery-service.js';
import { type DeliveryOutcome, OutboxDelivery } from './outbox-delivery.js';
import { InFlightOutbox } from './in-flight-outbox.js';

const RETRY_MS_MAX = 60_000;

class HandDrivenDelivery extends OutboxDelivery {
  available = true;
  readonly asked: string[] = [];
  /** The ids of requests that were cancelled when they were delivered. */
  readonly cancelled: string[] = [];
  /** By the id of the entry: what tells its delivery to end. */
  readonly aborts = new Map<string, AbortSignal>();
  readonly #answers = new Map<string, (outcome: DeliveryOutcome) => void>();

  override deliver(
    { id }: OutboxEntry,
    _origin: unknown,
    abort: AbortSignal,
    isCancelled = false,
  ): Promise<DeliveryOutcome> {
    this.asked.push(id);
    this.aborts.set(id, abort);
    if (isCancelled) this.cancelled.push(id);
    return new Promise((resolve) => this.#answers.set(id, resolve));
  }

  async answer(id: string, outcome: DeliveryOutcome): Promise<void> {
    this.#answers.get(id)?.(outcome);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function ofAttempt(id: string, kind: string, attempt: number): OutboxEntry {
  const payload = { queue: 'invoices.default', task: 'invoice', attempt };
  return { id, key: 'worker:invoice', kind, payload, createdAt: NOW };
}

function entry(id: string, key = 'a', kind = 'status'): OutboxEntry {
  return { id, key, kind, payload: null, createdAt: NOW };
}

describe(InFlightOutbox.name, () => {
  const delivery = new HandDrivenDelivery();
  let news = 0;
  let outbox: InFlightOutbox;

  beforeEach(() => {
    delivery.available = true;
    delivery.asked.length = 0;
    news = 0;
    const settings = { attemptMsMax: 10_000, retryMsMax: RETRY_MS_MAX };
    const names = ['status', WORKER_TASK_ENTRY, WORKER_CANCEL_ENTRY, CHILD_REQUEST, CHILD_CANCEL];
    const kinds = new Map(names.map((kind) => [kind, delivery]));
    const [metrics, log] = [new FlowMetrics(), new MemoryLog()];
    const service = new DeliveryService(kinds, new Semaphore(10), metrics, log, settings);
    outbox = new InFlightOutbox(service, aNewActivity(), () => NOW, {
      notify: () => {
        news += 1;
      },
    });
  });

  async function goOn(entries: readonly OutboxEntry[], now = NOW): Promise<void> {
    outbox.goOn(entries, now);
    await new Promise((resolve) => setImmediate(resolve));
  }

  it('delivers one entry of a key at a time, and removes delivered ones with the next commit', async () => {
    const entries = [entry('1'), entry('2'), entry('3', 'b')];
    await goOn(entries);
    expect(delivery.asked).toEqual(['1', '3']);

    await delivery.answer('1', { kind: 'delivered' });
    expect(news).toBe(1);
    expect(outbox.commitOf(entries, [entry('4')], NOW)).toMatchObject({
      change: { gone: ['1'], posted: [{ id: '4' }], undelivered: [] },
      entries: [{ id: '2' }, { id: '3' }, { id: '4' }],
      isBusy: true,
    });
    await goOn(entries);
    expect(delivery.asked).toEqual(['1', '3', '2']);
  });

  it('aborts the deliveries in flight when it is dropped, and none that is over', async () => {
    await goOn([entry('1'), entry('2', 'b')]);
    await delivery.answer('1', { kind: 'delivered' });

    outbox.dropAll();

    const isAborted = (id: string): boolean | undefined => delivery.aborts.get(id)?.aborted;
    expect([isAborted('1'), isAborted('2')]).toEqual([false, true]);
  });

  it('reports that an entry is cancelled which was delivered all the same', async () => {
    const child = (id: string, kind: string): OutboxEntry => ({
      ...{ id, kind, key: `child:${id.at(0) ?? ''}`, createdAt: NOW },
      payload: { task: id.at(0) ?? '', attempt: 1 },
    });
    await goOn([child('a1', CHILD_REQUEST), child('b1', CHILD_REQUEST), child('a2', CHILD_CANCEL)]);

    expect(delivery.asked).toEqual(['a1', 'b1']);
    expect(delivery.cancelled).toEqual(['a1']);
  });

  it('postpones an entry that is not accepted and those behind it, and no others', async () => {
    const entries = [entry('1'), entry('2'), entry('3', 'b')];
    await goOn(entries);
    await delivery.answer('1', { kind: 'again', reason: 'not now' });
    await goOn(entries);

    expect(delivery.asked).toEqual(['1', '3']);
    const again = outbox.nextAt(entries) ?? 0;
    expect(again).toBeGreaterThan(NOW);
    expect(again).toBeLessThanOrEqual(NOW + RETRY_MS_MAX);
    await goOn(entries, again);
    expect(delivery.asked).toEqual(['1', '3', '1']);
  });

  it('keeps the reason of a definite refusal, and continues with the next entry', async () => {
    const entries = [entry('1'), entry('2')];
    await goOn(entries);
    await delivery.answer('1', { kind: 'refused', code: 'GONE', message: 'nobody' });
    await goOn(entries);

    expect(delivery.asked).toEqual(['1', '2']);
    const { change } = outbox.commitOf(entries, [], NOW);
    const refused = { id: '1', kind: 'status', key: 'a', code: 'GONE', message: 'nobody', at: NOW };
    expect(change).toEqual({ posted: [], gone: ['1'], undelivered: [refused] });
  });

  it('takes back at once an entry that was not accepted, with all entries for the same thing', async () => {
    const asked = [ofAttempt('1', WORKER_TASK_ENTRY, 1), ofAttempt('2', WORKER_TASK_ENTRY, 1)];
    const cancel = ofAttempt('3', WORKER_CANCEL_ENTRY, 1);
    const next = ofAttempt('4', WORKER_TASK_ENTRY, 2);
    await goOn(asked);
    const whileUnderWay = outbox.commitOf(asked, [cancel], NOW);
    expect(whileUnderWay).toMatchObject({ change: { gone: ['2'] }, isBusy: true });
    await delivery.answer('1', { kind: 'again', reason: 'full' });

    const { change, entries, isBusy } = outbox.commitOf(asked, [cancel, next], NOW);
    expect(change).toEqual({ posted: [cancel, next], gone: ['1', '2'], undelivered: [] });
    expect({ entries, isBusy }).toEqual({ entries: [cancel, next], isBusy: true });
    await goOn(entries);
    await delivery.answer('3', { kind: 'delivered' });
    await goOn(entries);
    expect(delivery.asked).toEqual(['1', '3', '4']);
  });

  it('lets a delivery in progress end before it is taken back', async () => {
    const asked = ofAttempt('1', WORKER_TASK_ENTRY, 1);
    const entries = [asked, ofAttempt('2', WORKER_CANCEL_ENTRY, 1)];
    await goOn([asked]);
    await goOn(entries);
    expect(delivery.asked).toEqual(['1']);

    await delivery.answer('1', { kind: 'again', reason: 'no answer' });
    await goOn(entries);
    expect(delivery.asked).toEqual(['1', '2']);
  });

  it('finds entries on record that another executor did not take back', async () => {
    const entries = [
      ofAttempt('1', WORKER_TASK_ENTRY, 1),
      ofAttempt('2', WORKER_CANCEL_ENTRY, 1),
      ofAttempt('3', WORKER_TASK_ENTRY, 2),
    ];
    await goOn(entries);
    expect(delivery.asked).toEqual(['2']);
    await delivery.answer('2', { kind: 'delivered' });

    expect(outbox.commitOf(entries, [], NOW).change).toMatchObject({ gone: ['1', '2'] });
  });

  it('leaves entries that this build cannot deliver to others, and names what they need', async () => {
    delivery.available = false;
    const entries = [entry('1', 'lock', 'lock-release'), entry('2')];
    await goOn(entries);

    expect(delivery.asked).toEqual([]);
    const { isBusy, wakeAt, requires, change } = outbox.commitOf(entries, [], NOW);
    expect({ isBusy, change }).toEqual({ isBusy: false, change: undefined });
    expect(wakeAt).toBeGreaterThan(NOW);
    expect(requires).toHaveLength(1);
    delivery.available = true;
    expect(outbox.commitOf(entries, [], NOW).requires).toEqual(['delivery:status']);
  });
});
