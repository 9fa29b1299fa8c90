import { jest } from '@jest/globals';
import { waitFor } from '../tools/project/wait-for.mjs';
import { ask } from './support/answer.js';
import { type ActivityView, type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { startWorkflow } from './support/run-workflow.js';
import { newEvent } from './support/sample-event.js';
import { sendStructured } from './support/send.js';
import { type Call, TargetServer } from './support/target-server.js';

jest.setTimeout(300_000);

/** So that what a dead executor had is found soon. */
const SOON = { LEASE_MS: '1000', SWEEP_INTERVAL_MS: '200', NATS_ACK_WAIT_MS: '1000' };

const CUSTOMERS = ['ada', 'bob', 'cleo', 'dan', 'eve'];

const RUNS_OF_EACH = 20;

let system: FlowSystem;
let target: TargetServer;

beforeAll(async () => {
  target = await TargetServer.start();
  system = await FlowSystem.start({ servers: 'shared', executorEnv: SOON });
});

afterAll(async () => {
  await system.stop();
  await target.stop();
});

function waiting(name: string, concurrency: object): Promise<CreatedWorkflow> {
  const tasks = { work: { 'wait-for-event': 'done' } };
  return system.api.createWorkflow({ name, concurrency, tasks });
}

function untilWaiting(id: string, kind: string): Promise<ActivityView> {
  return waitFor(`${kind} of ${id}`, async () => {
    const activity = await system.api.activity(id);
    return activity?.waitingFor?.some((wait) => wait.kind === kind) ? activity : undefined;
  });
}

/** It stands in the queue: what asks for its slot is delivered and off its record. */
function untilAsked(id: string): Promise<true> {
  return waitFor(`a place in the queue of ${id}`, async () => {
    const { waitingFor = [] } = (await system.api.activity(id)) ?? {};
    return (waitingFor.length === 1 && waitingFor[0]?.kind === 'slot') || undefined;
  });
}

async function tell(id: string, { token }: CreatedWorkflow): Promise<void> {
  const answer = await ask(`${system.listenerUrl}/api/v2/callback?ref=${id}&topic=done`, {
    method: 'POST',
    token,
  });
  expect(answer).toMatchObject({ status: 202 });
}

async function cancel(id: string): Promise<void> {
  await ask(`${system.executorUrl}/api/v2/activities/${id}/cancel`, {
    method: 'POST',
    token: system.adminToken,
    body: { reason: 'enough' },
  });
}

it('a run waits for a slot of its key, and begins when one is free', async () => {
  const workflow = await waiting('one-a-key', { key: '$(params.key)' });
  const first = await startWorkflow(system, workflow, { data: { key: 'a' } });
  await untilWaiting(first, 'event');
  const second = await startWorkflow(system, workflow, { data: { key: 'a' } });
  const queued = await untilWaiting(second, 'slot');
  const third = await startWorkflow(system, workflow, { data: { key: 'a' } });
  await untilWaiting(third, 'slot');
  const other = await startWorkflow(system, workflow, { data: { key: 'b' } });
  await untilWaiting(other, 'event');

  expect(queued).toMatchObject({ status: 'queued' });
  expect(queued).not.toHaveProperty('startedAt');
  await cancel(second);
  expect(await system.api.untilFinal(second)).toMatchObject({ status: 'cancelled' });
  await tell(first, workflow);
  await untilWaiting(third, 'event');
  await cancel(third);
  await cancel(other);
  for (const id of [first, third, other]) await system.api.untilFinal(id);
});

it('a run is cancelled as whenFull says, and its record names the run that replaced it', async () => {
  const running = await waiting('cancels-running', { whenFull: 'cancel-running' });
  const old = await startWorkflow(system, running);
  await untilWaiting(old, 'event');
  const young = await startWorkflow(system, running);
  expect(await system.api.untilFinal(old)).toMatchObject({
    status: 'cancelled',
    failure: { code: 'CONCURRENCY_REPLACED', message: expect.stringContaining(young) as string },
  });
  await untilWaiting(young, 'event');

  const fresh = await waiting('cancels-new', { whenFull: 'cancel-new' });
  const first = await startWorkflow(system, fresh);
  await untilWaiting(first, 'event');
  const late = await system.api.untilFinal(await startWorkflow(system, fresh));
  expect(late).toMatchObject({ status: 'cancelled', failure: { code: 'CONCURRENCY_FULL' } });
  for (const id of [young, first]) await cancel(id);
  for (const id of [young, first]) await system.api.untilFinal(id);
});

it('of a burst of events of one key the newest run succeeds once, and the older one is cancelled as replaced', async () => {
  const { id: workflow, token } = await system.api.createWorkflow({
    name: 'debounced',
    concurrency: { key: '$(params.key)', debounce: '2s' },
    tasks: { work: { sleep: '1ms' } },
  });
  const both = ['x', 'y'].map((id) => newEvent(workflow, { id, data: { key: 'same' } }));
  const send = async (event: (typeof both)[number]): Promise<string> => {
    const answer = await sendStructured(system.listenerUrl, event, { token });
    expect(answer).toMatchObject({ status: 202 });
    return (answer.body as { readonly activityid: string }).activityid;
  };
  const ids = await Promise.all([...both, ...both].map(send));
  expect(new Set(ids).size).toBe(2);

  const ends = await Promise.all([...new Set(ids)].map((id) => system.api.untilFinal(id)));

  const placeOf = ({ createdAt, id }: ActivityView): string => `${createdAt} ${id}`;
  const [older, newest] = ends.toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
  expect(newest).toMatchObject({ status: 'succeeded' });
  // The newer one may be accepted, and come to an executor only when the time of the older one is over.
  if (older?.status !== 'succeeded') {
    const failure = {
      code: 'CONCURRENCY_REPLACED',
      message: expect.stringContaining('took its place') as string,
    };
    expect(older).toMatchObject({ status: 'cancelled', failure });
  }
});

/** Who is under way, by customer, as the calls of the runs tell. */
class Witness {
  /** Who began, each once, in order. */
  readonly begun = new Map<string, string[]>();
  readonly together: string[] = [];
  readonly #inside = new Map<string, string>();

  see({ path }: Pick<Call, 'path'>): void {
    const [, what, customer = '', id = ''] = path.split('/');
    const inside = this.#inside.get(customer);
    if (what === 'leave') {
      if (inside === id) this.#inside.delete(customer);
      return;
    }
    const order = this.begun.get(customer) ?? [];
    this.begun.set(customer, order);
    if (!order.includes(id)) order.push(id);
    if (inside !== undefined && inside !== id) this.together.push(`${inside} and ${id}`);
    this.#inside.set(customer, id);
  }
}

it('runs of a key run one at a time, in order, and all end, while executors are killed', async () => {
  const witness = new Witness();
  target.replyWith((call) => {
    witness.see(call);
    return { status: 200, body: {} };
  });
  const about = '$(params.customer)/$(context.params.workflowrun-ref)';
  const workflow = await system.api.createWorkflow({
    name: 'five-keys',
    concurrency: { key: '$(params.customer)' },
    tasks: {
      enter: { http: { url: `${target.url}/enter/${about}` } },
      hold: { 'wait-for-event': 'done', needs: 'enter' },
      leave: { http: { url: `${target.url}/leave/${about}` }, needs: 'hold' },
    },
  });
  const start = (customer: string): Promise<string> =>
    startWorkflow(system, workflow, { data: { customer } });
  const ids = new Map<string, string[]>();
  for (const customer of CUSTOMERS) ids.set(customer, [await start(customer)]);
  for (const [first = ''] of ids.values()) await untilWaiting(first, 'event');
  for (let round = 1; round < RUNS_OF_EACH; round += 1) {
    for (const [customer, started] of ids) {
      const id = await start(customer);
      // What it waits for later may come before it begins.
      await tell(id, workflow);
      started.push(id);
    }
  }
  const queued = [...ids.values()].flatMap((started) => started.slice(1));
  for (const id of queued) await untilAsked(id);
  for (const [first = ''] of ids.values()) await tell(first, workflow);

  const [executor] = system.executors;
  const begun = (): number =>
    [...witness.begun.values()].reduce((sum, { length }) => sum + length, 0);
  for (const enough of [10, 30, 50, 70]) {
    await waitFor(`${enough} to begin`, () => Promise.resolve(begun() >= enough || undefined));
    await executor.kill();
    await executor.restart();
  }

  for (const id of [...ids.values()].flat()) {
    expect(await system.api.untilFinal(id)).toMatchObject({ status: 'succeeded' });
  }
  expect(witness.together).toEqual([]);
  expect(witness.begun).toEqual(ids);
  const last = await start('ada');
  await untilWaiting(last, 'event');
  await cancel(last);
});
