import { jest } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { waitFor } from '../tools/project/wait-for.mjs';
import { FlowSystem } from './support/flow-system.js';
import { Records } from './support/records.js';
import { startWorkflow, taskOf } from './support/run-workflow.js';
import { workerUser } from './support/worker-user.js';

jest.setTimeout(300_000);

const SECRET = 'not-a-secret';
const NEXT = '$JS.API.CONSUMER.MSG.NEXT.FLOW_TASKS';

let system: FlowSystem;
let everybody: NatsConnection;
let worker: NatsConnection;

beforeAll(async () => {
  const user = workerUser('invoices', SECRET);
  system = await FlowSystem.start({
    natsConfig: {
      authorization: { users: [{ user: 'flow', password: SECRET }, user] },
      no_auth_user: 'flow',
    },
  });
  const servers = system.natsUrl ?? '';
  everybody = await connect({ servers });
  const inboxPrefix = '_INBOX_invoices_default';
  worker = await connect({ servers, user: user.user, pass: SECRET, inboxPrefix });
});

afterAll(async () => {
  await worker.close();
  await everybody.close();
  await system.stop();
});

/** Why the server does not let it subscribe; never settled if it may. */
function refusalOf(subject: string): Promise<string> {
  return new Promise((resolve) => {
    worker.subscribe(subject, {
      callback: (error) => {
        if (error !== null) resolve(error.message);
      },
    });
  });
}

describe('a worker with the rights for its queue and group', () => {
  it.each([
    `${NEXT}.other_default`,
    `${NEXT}.invoices_night`,
    '$JS.API.CONSUMER.CREATE.FLOW_TASKS',
    '$JS.API.CONSUMER.DELETE.FLOW_TASKS.invoices_default',
    '$JS.API.STREAM.INFO.FLOW_TASKS',
    '$JS.API.STREAM.MSG.GET.FLOW_TASKS',
    '$JS.API.STREAM.PURGE.FLOW_TASKS',
    '$JS.ACK.FLOW_TASKS.other_default.1.1.1.1.0',
    'flow.answer.other.default',
    'flow.answer.invoices.night',
    'flow.cancel.invoices.default',
    'flow.task.invoices.default.x',
    'flow.event.x',
  ])('cannot publish to %s', async (subject) => {
    await expect(worker.request(subject, '{}', { timeout: 5_000 })).rejects.toThrow(/permission/i);
  });

  it.each([
    '>',
    'flow.>',
    'flow.task.>',
    'flow.answer.>',
    'flow.cancel.other.default',
    'flow.cancel.invoices.night',
    '_INBOX.>',
    '_INBOX_other_default.>',
  ])('cannot read %s', async (subject) => {
    expect(await refusalOf(subject)).toMatch(/permission/i);
  });

  it('has no effect on others by having its own tasks delivered to their subjects', async () => {
    const tasks = { own: { generic: 'invoices' }, other: { generic: 'other' } };
    const workflow = await system.api.createWorkflow({ name: 'two-queues', tasks });
    const id = await startWorkflow(system, workflow);
    const manager = await jetstreamManager(everybody);
    const stateOf = async (stream: string) => (await manager.streams.info(stream)).state;
    await waitFor(
      'both tasks',
      async () => (await stateOf('FLOW_TASKS')).messages === 2 || undefined,
    );
    const before = await otherTaskOf(id);

    // NATS does not check the reply subject of a request, and JetStream delivers to it.
    for (const [reply, stream] of [
      ['flow.answer.other.default', 'FLOW_ANSWERS'],
      ['flow.event.x', 'FLOW_EVENTS'],
    ] as const) {
      worker.publish(`${NEXT}.invoices_default`, '{"batch":1}', { reply });
      await waitFor(`the message in ${stream}`, async () => {
        const { messages, last_seq: last } = await stateOf(stream);
        return (last === 1 && messages === 0) || undefined;
      });
    }

    const records = new Records(system.mongodbUrl);
    const letters = await records.deadLetters().finally(() => records.close());
    expect(letters.map(({ code }) => code).toSorted()).toEqual([
      'SUBJECT_WITHOUT_WORKFLOW',
      'WORKER_ANSWER_INVALID',
    ]);
    expect(await otherTaskOf(id)).toEqual(before);
  });
});

async function otherTaskOf(id: string): Promise<unknown> {
  const activity = await system.api.activity(id);
  return activity && taskOf(activity, 'other');
}
