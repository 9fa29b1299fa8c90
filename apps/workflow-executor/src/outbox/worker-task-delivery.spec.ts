import { DispatchFailedError, DispatchTooLargeError, type WorkerTask } from '@app/messaging';
import { aNewActivity, MemoryActivityStore, NOW } from '@app/persistence/testing';
import { type OutboxEntry, WORKER_CANCEL_ENTRY, WORKER_TASK_ENTRY } from '@app/workflow-engine';
import { workerDeliveries, WorkerTaskDelivery } from './worker-task-delivery.js';

const origin = aNewActivity();

function entry(kind: string): OutboxEntry {
  const payload = {
    queue: 'invoices.default',
    task: 'invoice',
    attempt: 2,
    keyAttempt: 1,
    input: 7,
  };
  return { id: '1', key: 'worker:invoice', kind, payload, createdAt: NOW };
}

describe(WorkerTaskDelivery.name, () => {
  let store: MemoryActivityStore;
  let published: WorkerTask[];
  let cancelled: WorkerTask[];
  let fault: Error | undefined;

  beforeEach(async () => {
    store = new MemoryActivityStore();
    await store.record(origin);
    [published, cancelled, fault] = [[], [], undefined];
  });

  function deliveryTo(nats: 'nats' | 'no-nats', kind: string): WorkerTaskDelivery {
    const answer = (tasks: WorkerTask[]) => (task: WorkerTask) => {
      if (fault) return Promise.reject(fault);
      tasks.push(task);
      return Promise.resolve();
    };
    const queues = { available: true, publish: answer(published), cancel: answer(cancelled) };
    const all = workerDeliveries(nats === 'nats' ? queues : undefined, store, () => NOW);
    return all.get(kind) as WorkerTaskDelivery;
  }

  it('has the same name for an attempt when it is queued and when it is taken back', async () => {
    for (const kind of [WORKER_TASK_ENTRY, WORKER_TASK_ENTRY, WORKER_CANCEL_ENTRY]) {
      const outcome = await deliveryTo('nats', kind).deliver(entry(kind), origin);
      expect(outcome).toEqual({ kind: 'delivered' });
    }

    const key = `${origin.id}:invoice:2`;
    const named = { queue: 'invoices.default', key, event: { id: key } };
    expect(published).toMatchObject([named, named]);
    expect(published[0]?.event.extensions).toMatchObject({
      activityid: origin.id,
      attempt: 2,
      idempotencykey: `${origin.id}:invoice:1`,
    });
    expect(cancelled).toMatchObject([named]);
    expect((await store.get(origin.id))?.inbox).toEqual([]);
  });

  it.each([
    ['there is no NATS', 'no-nats', undefined, 'delivered', 'WORKERS_NEED_NATS'],
    [
      'NATS would never take it',
      'nats',
      new DispatchTooLargeError('nats', 2, 1),
      'refused',
      'WORKER_TASK_TOO_LARGE',
    ],
  ] as const)('fails the task at once when %s', async (_when, nats, error, kind, code) => {
    fault = error;
    const delivery = deliveryTo(nats, WORKER_TASK_ENTRY);

    expect(delivery.available).toBe(true);
    expect(await delivery.deliver(entry(WORKER_TASK_ENTRY), origin)).toMatchObject({ kind });
    expect((await store.get(origin.id))?.inbox).toMatchObject([
      {
        task: 'invoice',
        attempt: 2,
        queue: 'invoices.default',
        outcome: { kind: 'failed', code, retryable: false, outcomeKnown: true },
      },
    ]);
  });

  it('repeats it if it is unknown whether it is queued', async () => {
    fault = new DispatchFailedError('nats', 'no answer');

    await expect(
      deliveryTo('nats', WORKER_TASK_ENTRY).deliver(entry(WORKER_TASK_ENTRY), origin),
    ).rejects.toBe(fault);
    expect((await store.get(origin.id))?.inbox).toEqual([]);
  });

  it('takes nothing back without NATS', async () => {
    const delivery = deliveryTo('no-nats', WORKER_CANCEL_ENTRY);

    expect(await delivery.deliver(entry(WORKER_CANCEL_ENTRY), origin)).toEqual({
      kind: 'delivered',
    });
    expect((await store.get(origin.id))?.inbox).toEqual([]);
  });
});
