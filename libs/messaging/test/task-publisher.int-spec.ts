import { nanos } from '@nats-io/transport-node';
import { anEvent } from '@app/events/testing';
import { TaskPublisher } from '../src/dispatch/task-publisher.js';
import { TASK_QUEUES_MAX } from '../src/topology/flow-topology.js';
import { tasksStream, workerConsumer } from '../src/topology/names.js';
import { FlowNats } from './flow-nats.js';

const QUEUE = 'invoices.default';
const DAYS_7 = 7 * 24 * 3_600_000;

describe(TaskPublisher.name, () => {
  let nats: FlowNats;
  let tasks: TaskPublisher;

  beforeEach(async () => {
    nats = await new FlowNats(undefined, { workers: true }).ready();
    tasks = new TaskPublisher(nats.link, {
      namespace: nats.namespace,
      leaseMs: 1_000,
      tasksInHandsMax: 10,
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

  it('queues a task once, for a consumer that goes when nobody asks for its tasks', async () => {
    const task = { queue: QUEUE, key: 'a1:invoice:1', event: anEvent() };
    await tasks.publish(task);
    await tasks.publish(task);

    const { streams, consumers } = await nats.manager();
    const stream = tasksStream(nats.namespace);
    const { state, config } = await streams.info(stream);
    expect(state.messages).toBe(1);
    expect(config.max_consumers).toBe(TASK_QUEUES_MAX);
    const consumer = await consumers.info(stream, workerConsumer(QUEUE));
    expect(consumer.config.inactive_threshold).toBe(nanos(DAYS_7));
  });
});
