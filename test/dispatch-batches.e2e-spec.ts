import { activityIdOf, type Dispatch, encodeDispatchBatch } from '@app/events';
import { aDispatch, anEvent } from '@app/events/testing';
import { SigningKeys } from '@app/signing';
import { jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { waitFor } from '../tools/project/wait-for.mjs';
import { natsUrl } from '../tools/servers/nats-server.mjs';
import { keepingWorkflow } from './support/definitions.js';
import { type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { NatsPublisher } from './support/nats-publisher.js';
import { Records } from './support/records.js';
import { newEvent } from './support/sample-event.js';
import { sendBatch } from './support/send.js';

jest.setTimeout(300_000);

let system: FlowSystem;
let workflow: CreatedWorkflow;
let publisher: NatsPublisher;
let records: Records;

beforeAll(async () => {
  system = await FlowSystem.start({ executorEnv: { NATS_ACK_WAIT_MS: '1000' } });
  publisher = await NatsPublisher.connect(natsUrl(system.nats.port));
  records = new Records(system.mongodbUrl);
});

afterAll(async () => {
  await records.close();
  await publisher.close();
  await system.stop();
});

beforeEach(async () => {
  workflow = await system.api.createWorkflow(keepingWorkflow(`batches-${randomUUID()}`));
});

describe('a message with several dispatches', () => {
  it('begins each run; an unreadable dispatch becomes a dead letter of its own and is counted once', async () => {
    const dispatches = ['1', '2', '3'].map(dispatchOf);
    const [, second] = dispatches;
    const ofLater = { ...second, trigger: 'of a later release' } as unknown as Dispatch;

    await publish([...dispatches.slice(0, 1), ofLater, ...dispatches.slice(2)]);

    for (const id of ['1', '3']) {
      const activity = activityIdOf(workflow.id, '/github/actions', id);
      expect(await system.api.untilFinal(activity)).toMatchObject({ status: 'succeeded' });
    }
    const letter = await waitFor('the dead letter', async () => {
      const letters = await records.deadLetters();
      return letters.find(({ subject }) => subject === `flow.dispatch.${workflow.id}`);
    });
    expect(letter).toMatchObject({ code: 'DISPATCH_INVALID', stream: 'FLOW_DISPATCHES' });
    expect(JSON.parse(letter.payload)).toMatchObject({ id: '2' });
    for (const stream of ['FLOW_BATCHES', 'FLOW_DISPATCHES']) await untilEmpty(stream);
    expect(await system.api.activities(workflow.id)).toHaveLength(2);
  });

  it('becomes one dead letter as a whole when it is not from a listener', async () => {
    await publish(['1', '2'].map(dispatchOf), new SigningKeys('somebody else'.repeat(3)));

    await waitFor('the dead letter', async () => {
      const letters = await records.deadLetters();
      return letters.find(({ subject }) => subject === 'flow.batch');
    });
    await untilEmpty('FLOW_BATCHES');
    expect(await system.api.activities(workflow.id)).toEqual([]);
  });
});

describe('the dispatches of many events', () => {
  it('are sent in one message once an executor takes batches, and all run, also when it is killed while it holds one', async () => {
    const sentBefore = await untilSentTogether();
    const [executor] = system.executors;
    executor.pause();
    const before = await publisher.lastIn('FLOW_BATCHES');
    const ids: string[] = [];
    // A listener that stood still for long asks again first, and sends one by one until then.
    await waitFor('a batch that is in hand', async () => {
      ids.push(...(await sendTogether(100)));
      return (await publisher.deliveredOf('FLOW_BATCHES')) > before ? true : undefined;
    });
    const alone = await publisher.lastIn('FLOW_DISPATCHES');
    await executor.kill();
    await executor.restart();

    for (const id of [...sentBefore, ...ids])
      expect(await system.api.untilFinal(id)).toMatchObject({ status: 'succeeded' });
    for (const stream of ['FLOW_BATCHES', 'FLOW_DISPATCHES']) await untilEmpty(stream);
    // The batch came again and was split; the sweeper would have found its events later, too.
    expect(await publisher.lastIn('FLOW_DISPATCHES')).toBeGreaterThan(alone + 1);
    expect(await records.deadLetters()).not.toContainEqual(
      expect.objectContaining({ subject: `flow.dispatch.${workflow.id}` }),
    );
  });
});

/** In one request, and so on record and dispatched together. The ids of their activities. */
async function sendTogether(count: number): Promise<readonly string[]> {
  const events = Array.from({ length: count }, () => newEvent(workflow.id));
  const answer = await sendBatch(system.listenerUrl, events, workflow);
  expect(answer.status).toBe(202);
  return (answer.body as { activityid: string }[]).map(({ activityid }) => activityid);
}

async function untilSentTogether(): Promise<readonly string[]> {
  const ids: string[] = [];
  await waitFor('a message with several dispatches', async () => {
    ids.push(...(await sendTogether(10)));
    return (await publisher.lastIn('FLOW_BATCHES')) > 0 ? true : undefined;
  });
  return ids;
}

/** Of an event that was accepted while MongoDB was gone, as far as an executor sees it: there is no record. */
function dispatchOf(id: string): Dispatch {
  return aDispatch({ workflowId: workflow.id, event: anEvent({ id, subject: `/${workflow.id}` }) });
}

async function publish(
  dispatches: readonly Dispatch[],
  keys = new SigningKeys(system.internalSecret),
): Promise<void> {
  const written = dispatches.map((dispatch) => {
    const { data, extensions: _, ...attributes } = dispatch.event;
    const text = JSON.stringify({ ...attributes, data: data?.kind === 'json' && data.value });
    return { dispatch, text, bytes: Buffer.byteLength(text) };
  });
  const { payload, headers } = encodeDispatchBatch(written, keys);
  await publisher.publish('flow.batch', payload, headers);
}

async function untilEmpty(stream: string): Promise<void> {
  await waitFor(`an empty ${stream}`, async () =>
    (await publisher.messagesIn(stream)) === 0 ? true : undefined,
  );
}
