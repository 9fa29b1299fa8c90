import { jest } from '@jest/globals';
import { jetstream } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { until } from '@app/errors/testing';
import { type CloudEvent, decodeMessage } from '@app/events';
import { anEvent } from '@app/events/testing';
import { TaskPublisher } from '../src/dispatch/task-publisher.js';
import { TASK_QUEUES_MAX } from '../src/topology/flow-topology.js';
import {
  answersStream,
  taskCancelSubject,
  tasksStream,
  workerConsumer,
} from '../src/topology/names.js';
import { FlowNats } from './flow-nats.js';

jest.setTimeout(60_000);

const QUEUE = 'invoices.default';
const DAYS_7 = 7 * 24 * 3_600_000;
const DELIVERIES_MAX = 3;

describe(TaskPublisher.name, () => {
  let nats: FlowNats;
  let tasks: TaskPublisher;
  let stream: string;

  beforeEach(async () => {
    nats = await new FlowNats(undefined, { workers: true }).ready();
    stream = tasksStream(nats.namespace);
    tasks = new TaskPublisher(nats.link, {
      namespace: nats.namespace,
      leaseMs: 1_000,
      tasksInFlightMax: 10,
      deliveriesMax: DELIVERIES_MAX,
      ackTimeoutMs: 2_000,
      inFlightMax: 10,
      inFlightBytesMax: 1_000_000,
      onNoStream: () => undefined,
    });
  });

  afterEach(async () => {
    tasks.close();
    await nats.close();
  });

  async function messages(): Promise<number> {
    return (await (await nats.manager()).streams.info(stream)).state.messages;
  }

  /** Gives the one task of the queue back as often as it comes, until JetStream tells of it. */
  async function giveBackAlways(): Promise<void> {
    const consumer = await jetstream(nats.link.connection).consumers.get(
      stream,
      workerConsumer(QUEUE),
    );
    for (let times = 0; times < DELIVERIES_MAX; times += 1) {
      const message = await consumer.next();
      message?.nak();
    }
    // JetStream finds that it may not be given once more when a worker asks for something.
    while ((await told()).length === 0) expect(await consumer.next({ expires: 1_000 })).toBeNull();
  }

  /** What JetStream tells of tasks that were given back too often. */
  async function told(): Promise<readonly { stream_seq: number }[]> {
    const found = await nats.stored(answersStream(nats.namespace));
    return found.map(({ payload }) => JSON.parse(payload) as { stream_seq: number });
  }

  it('queues a task once, for a consumer that goes when nobody asks for its tasks', async () => {
    const task = { queue: QUEUE, key: 'a1:invoice:1', event: anEvent() };
    await tasks.publish(task);
    await tasks.publish(task);

    const { streams, consumers } = await nats.manager();
    const { state, config } = await streams.info(stream);
    expect(state.messages).toBe(1);
    expect(config.max_consumers).toBe(TASK_QUEUES_MAX);
    const consumer = await consumers.info(stream, workerConsumer(QUEUE));
    expect(consumer.config).toMatchObject({
      inactive_threshold: nanos(DAYS_7),
      max_deliver: DELIVERIES_MAX,
    });
  });

  it('sends a cancellation as a CloudEvent in structured mode', async () => {
    const event = anEvent({ id: 'a1:invoice:1' });
    const { connection } = nats.link;
    const subscription = connection.subscribe(taskCancelSubject(nats.namespace, QUEUE), { max: 1 });
    await connection.flush();
    await tasks.cancel({ queue: QUEUE, key: event.id, event });

    for await (const { headers, data } of subscription) {
      const type = headers?.get('content-type') ?? '';
      expect(type).toMatch(/^application\/cloudevents\+json/);
      const message = { headers: { 'content-type': [type] }, payload: data };
      expect(decodeMessage(message, { nestingMax: 10, membersMax: 100 })).toMatchObject({
        id: event.id,
        type: event.type,
      });
    }
  });

  it('keeps room for other queues, however many are full and without workers', async () => {
    const large = largeEvent();
    const counts = [0, 0, 0];
    for (const [queue] of counts.entries()) {
      const fill = async (): Promise<never> => {
        for (;;) {
          const key = `${queue}:${counts[queue] ?? 0}`;
          await tasks.publish({ queue: `dead-${queue}.default`, key, event: large });
          counts[queue] = (counts[queue] ?? 0) + 1;
        }
      };
      await expect(fill()).rejects.toMatchObject({ code: 'WORKER_QUEUE_FULL' });
    }

    const [first = 0, second = 0, third = 0] = counts;
    expect(first).toBeGreaterThan(second);
    expect(second).toBeGreaterThan(third);
    expect(third).toBeGreaterThan(0);
    await tasks.publish({ queue: QUEUE, key: 'one', event: large });
  });

  it('accepts a task again that waits in a full queue, and cancels all that wait', async () => {
    const event = largeEvent();
    let count = 0;
    const fill = async (): Promise<never> => {
      for (;;) {
        await tasks.publish({ queue: QUEUE, key: String(count), event });
        count += 1;
      }
    };
    await expect(fill()).rejects.toMatchObject({ code: 'WORKER_QUEUE_FULL' });

    const waiting = { queue: QUEUE, key: '0', event };
    await tasks.publish(waiting);
    expect(await messages()).toBe(count);
    for (let key = 0; key < count; key += 1) await tasks.cancel({ ...waiting, key: String(key) });
    expect(await messages()).toBe(0);
  });

  it('has room again when tasks have left the queue', async () => {
    const event = largeEvent();
    let key = 0;
    const fill = async (): Promise<never> => {
      for (;;) await tasks.publish({ queue: QUEUE, key: String(key++), event });
    };
    await expect(fill()).rejects.toMatchObject({ code: 'WORKER_QUEUE_FULL' });
    await (await nats.manager()).streams.purge(stream);

    await until(() =>
      tasks.publish({ queue: QUEUE, key: 'next', event }).then(
        () => true,
        () => false,
      ),
    );
  });

  it("finds the task of JetStream's advisory that no worker answered it", async () => {
    await tasks.publish({ queue: QUEUE, key: 'poison', event: anEvent({ id: 'poison' }) });
    await giveBackAlways();
    const [{ stream_seq: sequence } = { stream_seq: 0 }] = await told();

    const found = await tasks.queued(sequence, Infinity);
    expect(found?.queue).toBe(QUEUE);
    expect(Buffer.from(found?.message.payload ?? []).toString()).toContain('"id":"poison"');
    expect(await tasks.queued(sequence, 0)).toBeUndefined();
    if (found) await tasks.remove(found);
    expect(await messages()).toBe(0);
    expect(await tasks.queued(sequence, Infinity)).toBeUndefined();
  });

  it('finds the task of an advisory whose clock is behind', async () => {
    const before = Date.now();
    await tasks.publish({ queue: QUEUE, key: 'one', event: anEvent() });
    const { state } = await (await nats.manager()).streams.info(stream);

    expect(await tasks.queued(state.first_seq, before - 1_000)).toBeDefined();
    expect(await tasks.queued(state.first_seq, before - 60_000)).toBeUndefined();
  });

  it('queues a task anew that no worker gets any more', async () => {
    const task = { queue: QUEUE, key: 'poison', event: anEvent() };
    await tasks.publish(task);
    await giveBackAlways();

    await tasks.publish(task);
    const { consumers } = jetstream(nats.link.connection);
    const consumer = await consumers.get(stream, workerConsumer(QUEUE));
    expect(await consumer.next()).not.toBeNull();
    expect(await messages()).toBe(1);
  });
});

function largeEvent(): CloudEvent {
  const text = 'x'.repeat(32_000);
  return anEvent({ data: { kind: 'json', text: JSON.stringify(text), value: text } });
}
