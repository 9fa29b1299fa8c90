import { randomInt } from 'node:crypto';
import { env } from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { SeededRandom } from '@app/workflow-engine/testing';
import { jest } from '@jest/globals';
import { say } from '../../../tools/project/say.mjs';
import { waitFor } from '../../../tools/project/wait-for.mjs';
import { ask } from '../../support/answer.js';
import { type ActivityView, type CreatedWorkflow, type FlowApi } from '../../support/flow-api.js';
import { startWorkflow } from '../../support/run-workflow.js';
import { TargetServer } from '../../support/target-server.js';
import { SideEffects } from '../side-effects.js';
import { TaskHistories } from './task-histories.js';
import { TaskKiller } from './task-killer.js';
import { TaskPeople } from './task-people.js';
import { TaskSystem } from './task-system.js';
import { type BegunRun, brokenTaskPromises } from './task-verdict.js';
import { CALLED, EXPECTED, OUT, SECRET, SECRET_PARAM, taskWorkflows } from './task-workflows.js';

/** `npm run chaos -- --tasks` asks for more. */
const { CHAOS_SEED, CHAOS_MINUTES, CHAOS_ACTIVITIES, CHAOS_RECORD } = env;
const SEED = CHAOS_SEED === undefined ? randomInt(1_000_000) : Number(CHAOS_SEED);
const LOAD_MS = CHAOS_MINUTES === undefined ? 20_000 : Number(CHAOS_MINUTES) * 60_000;
const ACTIVITIES = CHAOS_ACTIVITIES === undefined ? 64 : Number(CHAOS_ACTIVITIES);
const AGAIN = `npm run chaos -- --tasks --minutes ${(LOAD_MS / 60_000).toFixed(2)} --activities ${ACTIVITIES} --seed ${SEED}`;
const LOCKS = 3;
const FINAL = ['succeeded', 'failed', 'cancelled', 'timedout'];
const ENDED_MS_MAX = 300_000;

jest.setTimeout(LOAD_MS + 2 * ENDED_MS_MAX);

const dice = (nth: number): SeededRandom => new SeededRandom(SEED * 10 + nth);

let target: TargetServer;
let system: TaskSystem;
let people: TaskPeople;
let nats: NatsConnection;
let histories: TaskHistories | undefined;

beforeAll(async () => {
  say(`chaos: ${AGAIN}`);
  target = await TargetServer.start();
  histories = CHAOS_RECORD === 'true' ? await TaskHistories.begin() : undefined;
  system = await TaskSystem.start(target.url, histories?.env);
  people = new TaskPeople(system.flow);
  nats = await connect({ servers: system.flow.natsUrl ?? '' });
  await (await jetstreamManager(nats)).streams.add({ name: 'CHAOS', subjects: [OUT] });
});

afterAll(async () => {
  await people.stop();
  await nats.close();
  await system.stop();
  await target.stop();
  await histories?.remove();
});

describe('runs of tasks of all types, while executors and workers are killed', () => {
  it(`all end, and nothing is done twice (${AGAIN})`, async () => {
    const effects = new SideEffects(target, dice(0));
    const workflows = await createWorkflows();
    people.vote(workflowOf(workflows, 'waits'));
    people.mend(workflowOf(workflows, 'pauses'));
    const killer = new TaskKiller(system.victims, dice(1));

    const [begun] = await Promise.all([beginAll(workflows), killer.run(LOAD_MS)]);
    const activities = await untilAllEnded(begun);
    const children = await untilChildrenEnded(workflowOf(workflows, CALLED));
    await untilNothingIsQueued();

    const lockCalls = target.calls.filter(({ path }) => path === '/enter' || path === '/leave');
    const slotCalls = target.calls.filter(({ path }) => path.endsWith('-of-slot'));
    const calls = { effects: effects.byKey, lockCalls, slotCalls };
    const evidence = { begun, activities, children, ...calls };
    const told = await eventIds();
    say(`${killer.kills.length} kills, ${begun.length} runs, ${children.length} children`);
    expect(brokenTaskPromises({ ...evidence, told })).toEqual([]);
    await histories?.keep(begun, await definitionsOf(workflows));
  });
});

async function createWorkflows(): Promise<ReadonlyMap<string, CreatedWorkflow>> {
  const { executorUrl, adminToken: token } = system.flow;
  const asking = { method: 'PUT', token, body: { value: SECRET.value } };
  const { status } = await ask(`${executorUrl}/api/v2/task-secrets/${SECRET.name}`, asking);
  if (status !== 200) throw new Error(`The secret was answered with ${status}`);
  const created = new Map<string, CreatedWorkflow>();
  for (const [name, workflow] of Object.entries(taskWorkflows(target.url)))
    created.set(name, await system.flow.api.createWorkflow(workflow));
  return created;
}

/** In the long form, which is what is run. */
async function definitionsOf(
  workflows: ReadonlyMap<string, CreatedWorkflow>,
): Promise<ReadonlyMap<string, unknown>> {
  const definitions = new Map<string, unknown>();
  for (const [name, { id }] of workflows) {
    const url = `${system.flow.executorUrl}/api/v2/workflows/${id}`;
    const { body } = await ask(url, { token: system.flow.adminToken });
    const { tasks, params, retry, concurrency } = body as Readonly<Record<string, unknown>>;
    definitions.set(name, { tasks, params, retry, concurrency });
  }
  return definitions;
}

function workflowOf(
  workflows: ReadonlyMap<string, CreatedWorkflow>,
  name: string,
): CreatedWorkflow {
  const found = workflows.get(name);
  if (!found) throw new Error(`There is no workflow ${name}`);
  return found;
}

/** Spread over the whole time; what runs wait for comes early or late. */
async function beginAll(
  workflows: ReadonlyMap<string, CreatedWorkflow>,
): Promise<readonly BegunRun[]> {
  const random = dice(2);
  const names = Object.keys(EXPECTED).filter((name) => name !== CALLED);
  const following: Promise<void>[] = [];
  const begun: BegunRun[] = [];
  for (let n = 0; n < ACTIVITIES; n += 1) {
    const name = names[n % names.length] ?? '';
    const workflow = workflowOf(workflows, name);
    const secret = name === 'hides' && { [SECRET_PARAM.name]: SECRET_PARAM.value };
    const event = { id: `event-${n}`, data: { n, lock: String(n % LOCKS), ...secret } };
    const id = await waitFor('an accepted event', () =>
      startWorkflow(system.flow, workflow, event),
    );
    begun.push({ id, workflow: name, n });
    following.push(follow(id, name, n, workflow, random.below(3_000)));
    await delay(LOAD_MS / ACTIVITIES);
  }
  await Promise.all(following);
  return begun;
}

async function follow(
  id: string,
  name: string,
  n: number,
  workflow: CreatedWorkflow,
  afterMs: number,
): Promise<void> {
  if (name !== 'waits' && name !== 'stops') return;
  await delay(afterMs);
  await (name === 'waits' ? people.pay(id, n, workflow) : people.cancel(id));
}

async function untilAllEnded(begun: readonly BegunRun[]): Promise<readonly ActivityView[]> {
  const ended: ActivityView[] = [];
  for (const { id, workflow } of begun) {
    ended.push(
      await people.look(`the end of ${id} of ${workflow}`, async (api) => {
        const found = await api.activity(id);
        return found && FINAL.includes(found.status) ? found : undefined;
      }),
    );
  }
  return ended;
}

function untilChildrenEnded({ id }: CreatedWorkflow): Promise<readonly ActivityView[]> {
  return people.look('the end of the children', async (api: FlowApi) => {
    const found: ActivityView[] = [];
    for (const child of await api.everyActivityId(id)) {
      const activity = await api.activity(child);
      if (activity && FINAL.includes(activity.status)) found.push(activity);
      else return undefined;
    }
    return found;
  });
}

/** What was taken back leaves its queue, too. */
async function untilNothingIsQueued(): Promise<void> {
  const { streams } = await jetstreamManager(nats);
  for (const stream of ['FLOW_TASKS', 'FLOW_ANSWERS'])
    await waitFor(
      `${stream} to be empty`,
      async () => ((await streams.info(stream)).state.messages === 0 ? true : undefined),
      { timeoutMs: ENDED_MS_MAX },
    );
}

/** Of all events that came to where runs send them. */
async function eventIds(): Promise<readonly string[]> {
  const { streams } = await jetstreamManager(nats);
  const { messages } = (await streams.info('CHAOS')).state;
  if (messages === 0) return [];
  const consumer = await jetstream(nats).consumers.get('CHAOS', {});
  const ids: string[] = [];
  for await (const message of await consumer.fetch({ max_messages: messages })) {
    const { id = '' } = message.json<{ readonly id?: string }>();
    ids.push(id || (message.headers?.get('ce-id') ?? ''));
    if (ids.length === messages) break;
  }
  return ids;
}
