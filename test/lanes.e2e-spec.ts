import { jest } from '@jest/globals';
import { type JetStreamManager, jetstreamManager, type StreamConfig } from '@nats-io/jetstream';
import { connect, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { waitFor } from '../tools/project/wait-for.mjs';
import { natsUrl } from '../tools/servers/nats-server.mjs';
import { keepingWorkflow } from './support/definitions.js';
import { type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { metricOf } from './support/metric.js';
import { newEvent } from './support/sample-event.js';
import { sendStructured } from './support/send.js';
import { SteadyLoad } from './support/steady-load.js';

jest.setTimeout(300_000);

const CONSUMER = 'workflow-executor';
const LANES = ['FLOW_DISPATCHES', 'FLOW_EVENTS'] as const;
const ONLY_IN_NATS = 'flow_only_in_nats_events';

let system: FlowSystem;
let workflow: CreatedWorkflow;
let nats: NatsConnection;
let manager: JetStreamManager;

beforeAll(async () => {
  // A dispatch that gets lost would be found by the sweeper: none of these tests waits so long.
  const executorEnv = { NATS_STUCK_MS: '1000' };
  system = await FlowSystem.start({ executorEnv });
  nats = await connect({ servers: natsUrl(system.nats.port) });
  manager = await jetstreamManager(nats);
});

afterAll(async () => {
  await nats.close();
  await system.stop();
});

let created = 0;

beforeEach(async () => {
  created += 1;
  workflow = await system.api.createWorkflow(keepingWorkflow(`lanes-${created}`));
});

describe('the two lanes of JetStream', () => {
  it('carry dispatches of recorded events, and events that only NATS has', async () => {
    const [executor] = system.executors;
    await executor.stop();
    const load = new SteadyLoad(system.listenerUrl, workflow);
    await load.untilAnswered(202, 10);
    await load.stop();
    await publishEvents(5);
    await untilMessages('FLOW_DISPATCHES', load.accepted.size);

    expect(await messagesIn('FLOW_EVENTS')).toBe(5);
    await waitFor('the metric', async () =>
      (await metricOf(system.listenerUrl, ONLY_IN_NATS)) === 5 ? true : undefined,
    );
    await executor.restart();
    await untilAllSucceeded(load.accepted.size + 5);
    await waitFor('the metric', async () =>
      (await metricOf(system.executorUrl, ONLY_IN_NATS)) === 0 ? true : undefined,
    );
  });

  it.each(LANES)('deliver again after an operator has set a filter on %s', async (stream) => {
    const [executor] = system.executors;
    await executor.stop();
    await manager.consumers.update(stream, CONSUMER, { filter_subject: 'nothing.of.ours' });
    await sendInto(stream, 5);
    await executor.restart();
    await untilAllSucceeded(5);

    await manager.consumers.update(stream, CONSUMER, { filter_subject: 'nothing.of.ours' });
    await sendInto(stream, 5);
    await untilAllSucceeded(10);

    expect(await repairs('consumer_recreated')).toBeGreaterThan(0);
    expect((await manager.consumers.info(stream, CONSUMER)).config.filter_subject).toBeUndefined();
  });
});

describe('the stream of the previous version', () => {
  it('is drained, and remains the lane of events that only NATS has', async () => {
    const [executor] = system.executors;
    await executor.stop();
    const load = new SteadyLoad(system.listenerUrl, workflow);
    await load.untilAnswered(202, 10);
    await load.stop();
    await untilMessages('FLOW_DISPATCHES', load.accepted.size);
    await system.listener.stop();
    const dispatches = await allOf('FLOW_DISPATCHES');
    await asBefore();
    for (const { data, headers } of dispatches) {
      await nats.request(`flow.event.${workflow.id}`, data, {
        timeout: 30_000,
        ...(headers && { headers }),
      });
    }
    await publishEvents(5);
    const { created } = await manager.streams.info('FLOW_EVENTS');

    await executor.restart();
    await system.listener.restart();
    await untilAllSucceeded(load.accepted.size + 5);

    const after = await manager.streams.info('FLOW_EVENTS');
    expect(after.created).toBe(created);
    expect(after.config.persist_mode).toBeUndefined();
    for (const name of ['FLOW_DISPATCHES', 'FLOW_SIGNALS']) {
      const { config } = await manager.streams.info(name);
      expect(config.persist_mode).toBe('async');
    }
  });
});

/** The two streams as the version before made them. */
async function asBefore(): Promise<void> {
  for (const name of ['FLOW_DISPATCHES', 'FLOW_EVENTS', 'FLOW_SIGNALS']) {
    await manager.streams.delete(name);
  }
  for (const [name, subject] of [
    ['FLOW_EVENTS', 'flow.event.*'],
    ['FLOW_SIGNALS', 'flow.signal.*'],
  ] as const) {
    const config: Partial<StreamConfig> & { name: string } = {
      name,
      subjects: [subject],
      storage: 'file',
      retention: 'workqueue',
      discard: 'new',
      num_replicas: 1,
      max_age: 0,
      max_bytes: 1_073_741_824,
      duplicate_window: 120_000_000_000,
    };
    await manager.streams.add(config);
    await manager.consumers.add(name, {
      durable_name: CONSUMER,
      ack_policy: 'explicit',
      ack_wait: 30_000_000_000,
      max_ack_pending: 20_000,
      max_deliver: -1,
    });
  }
}

async function sendInto(stream: (typeof LANES)[number], count: number): Promise<void> {
  if (stream === 'FLOW_EVENTS') {
    await publishEvents(count);
    return;
  }
  for (let n = 0; n < count; n += 1) {
    const event = newEvent(workflow.id, { id: `sent-${(published += 1)}` });
    const { status } = await sendStructured(system.listenerUrl, event, workflow);
    expect(status).toBe(202);
  }
}

let published = 0;

async function publishEvents(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    published += 1;
    const event = newEvent(workflow.id, { id: `direct-${published}`, token: workflow.token });
    await nats.request(`flow.event.${workflow.id}`, JSON.stringify(event), { timeout: 30_000 });
  }
}

async function allOf(stream: string): Promise<Pick<Msg, 'data' | 'headers'>[]> {
  const { state } = await manager.streams.info(stream);
  const found: Pick<Msg, 'data' | 'headers'>[] = [];
  for (let seq = state.first_seq; seq <= state.last_seq; seq += 1) {
    const message = await manager.streams.getMessage(stream, { seq });
    if (message) found.push({ data: message.data, headers: message.header });
  }
  return found;
}

async function messagesIn(stream: string): Promise<number> {
  return (await manager.streams.info(stream)).state.messages;
}

async function untilMessages(stream: string, count: number): Promise<void> {
  await waitFor(`${count} messages in ${stream}`, async () =>
    (await messagesIn(stream)) === count ? true : undefined,
  );
}

async function untilAllSucceeded(least: number): Promise<void> {
  await waitFor(`${least} activities to succeed`, async () => {
    const activities = await system.api.activities(workflow.id);
    const all = activities.every(({ status }) => status === 'succeeded');
    return all && activities.length >= Math.min(least, 20) ? true : undefined;
  });
  await waitFor('empty streams', async () => {
    const counts = await Promise.all(LANES.map((stream) => messagesIn(stream)));
    return counts.every((count) => count === 0) ? true : undefined;
  });
}

function repairs(what: string): Promise<number> {
  return metricOf(system.executorUrl, `flow_nats_repairs_total{what="${what}"}`);
}
