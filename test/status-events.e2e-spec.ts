import { jest } from '@jest/globals';
import { CloudEvent } from 'cloudevents';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { waitFor } from '../tools/project/wait-for.mjs';
import { natsUrl } from '../tools/servers/nats-server.mjs';
import { callingWorkflow } from './support/definitions.js';
import { FlowSystem } from './support/flow-system.js';
import { runWorkflow, startWorkflow } from './support/run-workflow.js';
import { TargetServer } from './support/target-server.js';

jest.setTimeout(300_000);

const STREAM = 'FLOW_STATUS';

let target: TargetServer;
let system: FlowSystem;
let nats: NatsConnection;

interface StatusMessage {
  readonly subject: string;
  readonly event: {
    readonly id: string;
    readonly type: string;
    readonly sequence: string;
    readonly subject: string;
    readonly data: Readonly<Record<string, unknown>>;
  };
}

beforeAll(async () => {
  target = await TargetServer.start();
  system = await FlowSystem.start({
    executors: 2,
    executorEnv: {
      STATUS_EVENTS_ENABLED: 'true',
      STATUS_EVENTS_TASKS_ENABLED: 'true',
      LEASE_MS: '2000',
      OUTBOX_RETRY_MS_MAX: '1000',
    },
  });
  nats = await connect({ servers: natsUrl(system.nats.port) });
});

afterAll(async () => {
  await nats.close();
  await system.stop();
  await target.stop();
});

/** All that is in the stream of one activity, in the order of the stream. */
async function statusMessagesOf(activityId: string): Promise<readonly StatusMessage[]> {
  const { streams } = await jetstreamManager(nats);
  const { state } = await streams.info(STREAM);
  const published: StatusMessage[] = [];
  for (let seq = state.first_seq; seq <= state.last_seq && state.messages > 0; seq += 1) {
    const message = await streams.getMessage(STREAM, { seq });
    if (message) published.push({ subject: message.subject, event: message.json() });
  }
  return published.filter(({ event }) => event.data['activityid'] === activityId);
}

async function untilPublished(id: string, count: number): Promise<readonly StatusMessage[]> {
  return waitFor(`${count} status events`, async () => {
    const published = await statusMessagesOf(id);
    return published.length >= count ? published : undefined;
  });
}

it('status events report each new status in order, and none is left over', async () => {
  const workflow = await system.api.createWorkflow(callingWorkflow(target.url));
  const { id } = await runWorkflow(system, workflow, { data: { n: 1 } });

  const all = await untilPublished(id, 6);
  const published = all.filter(({ subject }) => subject.startsWith('flow.status.workflow.'));

  expect(published.map(({ event }) => event.data)).toMatchObject([
    { activityid: id, workflowId: workflow.id, previous: 'queued', status: 'running' },
    { activityid: id, workflowId: workflow.id, previous: 'running', status: 'succeeded' },
  ]);
  expect(published.map(({ subject }) => subject)).toEqual([
    `flow.status.workflow.${workflow.id}.running`,
    `flow.status.workflow.${workflow.id}.succeeded`,
  ]);
  const sequences = all.map(({ event }) => event.sequence);
  expect(sequences).toEqual(sequences.toSorted());
  expect(all.map(({ event }) => [event.data['task'], event.data['status']])).toEqual([
    [undefined, 'running'],
    ['start', 'succeeded'],
    ['call', 'running'],
    ['call', 'succeeded'],
    ['end', 'succeeded'],
    [undefined, 'succeeded'],
  ]);
  for (const { event } of all) expect(new CloudEvent(event).validate()).toBe(true);
  await waitFor('the end of the delivery', async () => {
    const view = await system.api.untilFinal(id);
    return view.wakeAt === undefined ? true : undefined;
  });
});

it('status events of runs that ended while NATS was gone are sent later, and the runs say that they wait', async () => {
  const workflow = await system.api.createWorkflow(callingWorkflow(target.url));
  const { release } = target.hold();
  const id = await startWorkflow(system, workflow, { data: { n: 2 } });
  await waitFor('the call', () => (target.calls.length > 1 ? true : undefined));
  await untilPublished(id, 3);
  await nats.close();
  await system.nats.stop();
  release();

  const ended = await system.api.untilFinal(id);
  const waiting = await waitFor('the wait', async () => {
    const view = await system.api.untilFinal(id);
    return view.waitingFor?.some(({ kind }) => kind === 'delivery') ? view : undefined;
  });
  expect(ended.status).toBe('succeeded');
  expect(waiting.wakeAt).toBeDefined();

  await system.nats.restart();
  nats = await connect({ servers: natsUrl(system.nats.port) });
  const published = await untilPublished(id, 6);
  expect(published.at(-1)?.event.data).toMatchObject({ status: 'succeeded' });
});
