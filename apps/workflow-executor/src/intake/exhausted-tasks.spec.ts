import { encodeStructuredMessage } from '@app/events';
import { anEvent, EVENT_LIMITS } from '@app/events/testing';
import { type QueuedTask } from '@app/messaging';
import { FlowMetrics } from '@app/observability';
import { MemoryLog } from '@app/observability/testing';
import { aNewActivity, MemoryActivityStore, NOW } from '@app/persistence/testing';
import { exhaustedTaskIn, ExhaustedTasks } from './exhausted-tasks.js';

const SUBJECT = '$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.FLOW_TASKS.invoices_default';
const TOLD = {
  type: 'io.nats.jetstream.advisory.v1.max_deliver',
  timestamp: '2026-11-27T10:00:00.5Z',
  stream: 'FLOW_TASKS',
  consumer: 'invoices_default',
  stream_seq: 7,
  deliveries: 10,
};

function read(value: object, subject = SUBJECT): ReturnType<typeof exhaustedTaskIn> {
  return exhaustedTaskIn({ headers: {}, payload: Buffer.from(JSON.stringify(value)) }, subject);
}

describe(exhaustedTaskIn.name, () => {
  it("reads JetStream's advisory, and nothing else", () => {
    const at = Date.parse(TOLD.timestamp);

    expect(read(TOLD)).toEqual({ kind: 'exhausted', sequence: 7, deliveries: 10, at });
    expect(read(TOLD, 'flow.answer.invoices.default')).toBeUndefined();
  });
});

describe(ExhaustedTasks.name, () => {
  const origin = aNewActivity();
  const extensions = { activityid: origin.id, taskname: 'invoice', attempt: 2 };
  const task: QueuedTask = {
    queue: 'invoices.default',
    subject: 'flow.task.invoices.default.x',
    message: encodeStructuredMessage(anEvent({ extensions })),
  };
  const EXHAUSTED = { kind: 'exhausted', sequence: 7, at: NOW, deliveries: 10 } as const;

  let store: MemoryActivityStore;
  let queued: QueuedTask | undefined;
  let metrics: FlowMetrics;
  let log: MemoryLog;
  let delivered: string[];
  let exhausted: ExhaustedTasks;

  beforeEach(async () => {
    store = new MemoryActivityStore();
    await store.record(origin);
    queued = task;
    metrics = new FlowMetrics();
    log = new MemoryLog();
    delivered = [];
    const queues = {
      queued: () => Promise.resolve(queued),
      remove: () => {
        queued = undefined;
        return Promise.resolve();
      },
    };
    const deliver = (id: string): void => void delivered.push(id);
    const clock = (): number => NOW;
    exhausted = new ExhaustedTasks(queues, store, { deliver }, EVENT_LIMITS, clock, metrics, log);
  });

  it('fails the attempt with the reason, counts it, and removes it from its queue', async () => {
    await exhausted.take(EXHAUSTED);

    expect((await store.get(origin.id))?.inbox).toMatchObject([
      {
        kind: 'worker-result',
        task: 'invoice',
        attempt: 2,
        queue: 'invoices.default',
        outcome: { kind: 'failed', code: 'WORKER_DELIVERIES_EXHAUSTED', outcomeKnown: false },
      },
    ]);
    expect({ delivered, queued }).toEqual({ delivered: [origin.id], queued: undefined });
    expect(await metrics.registry.metrics()).toContain('flow_worker_tasks_exhausted_total 1');
    expect(log.lines).toMatchObject([{ level: 'warn', fields: { queue: 'invoices.default' } }]);
  });

  it('changes nothing if it was answered meanwhile', async () => {
    queued = undefined;
    await exhausted.take(EXHAUSTED);

    expect((await store.get(origin.id))?.inbox).toEqual([]);
  });

  it('keeps it in its queue while MongoDB is gone', async () => {
    store.outage.begin();

    await expect(exhausted.take(EXHAUSTED)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(queued).toBe(task);
  });
});
