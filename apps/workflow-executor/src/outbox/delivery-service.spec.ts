import { FlowMetrics } from '@app/observability';
import { MemoryLog } from '@app/observability/testing';
import { aNewActivity, NOW } from '@app/persistence/testing';
import { type OutboxEntry } from '@app/workflow-engine';
import { Semaphore } from '../runs/driving/semaphore.js';
import { DeliveryService } from './delivery-service.js';
import { type DeliveryOutcome, OutboxDelivery } from './outbox-delivery.js';

class EndlessDelivery extends OutboxDelivery {
  readonly available = true;
  abort: AbortSignal | undefined;

  override deliver(
    _entry: unknown,
    _origin: unknown,
    abort: AbortSignal,
  ): Promise<DeliveryOutcome> {
    this.abort = abort;
    return new Promise(() => undefined);
  }
}

describe(DeliveryService.name, () => {
  const entry: OutboxEntry = { id: '1', key: 'a', kind: 'status', payload: null, createdAt: NOW };
  const delivery = new EndlessDelivery();
  let log = new MemoryLog();

  beforeEach(() => {
    log = new MemoryLog();
  });

  function deliver(abort: AbortController, attemptMsMax: number): Promise<DeliveryOutcome> {
    const settings = { attemptMsMax, retryMsMax: 1 };
    const kinds = new Map([[entry.kind, delivery]]);
    const permits = new Semaphore(1);
    const service = new DeliveryService(kinds, permits, new FlowMetrics(), log, settings);
    return service.deliver(entry, aNewActivity(), abort);
  }

  it('aborts an attempt that takes too long, and logs that it comes again', async () => {
    expect(await deliver(new AbortController(), 1)).toEqual({
      kind: 'again',
      reason: 'No answer within 1 ms',
    });
    expect(delivery.abort?.aborted).toBe(true);
    expect(log.lines).toHaveLength(1);
  });

  it('logs nothing of what its caller has aborted', async () => {
    const abort = new AbortController();
    abort.abort();

    expect(await deliver(abort, 1_000)).toEqual({ kind: 'again', reason: 'stopped' });
    expect(log.lines).toEqual([]);
  });
});
