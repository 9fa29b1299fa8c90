import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { waitFor } from '../tools/project/wait-for.mjs';
import { activityIdIn, type Answer, ask } from './support/answer.js';
import { callingWorkflow, keepingWorkflow } from './support/definitions.js';
import { type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { reportedIn, untilReported } from './support/readiness.js';
import { startWorkflow } from './support/run-workflow.js';
import { newEvent } from './support/sample-event.js';
import { sendStructured } from './support/send.js';
import { SteadyLoad } from './support/steady-load.js';
import { TargetServer } from './support/target-server.js';

jest.setTimeout(300_000);

/** Shorter than the outages here: what is in hand outlives its lease. */
const LEASE_MS = 1_000;

/** Six times that is what NATS takes in one message. */
const LARGE_DATA_BYTES = 1_048_576 - 512;

let target: TargetServer;
let system: FlowSystem;
let workflow: CreatedWorkflow;

beforeAll(async () => {
  system = await FlowSystem.start({
    executorEnv: { LEASE_MS: String(LEASE_MS), SWEEP_INTERVAL_MS: '200' },
  });
});

afterAll(async () => {
  await system.stop();
});

beforeEach(async () => {
  target = await TargetServer.start();
  workflow = await system.api.createWorkflow(callingWorkflow(target.url));
});

afterEach(async () => {
  const { mongod, nats, listenerUrl, executorUrl } = system;
  mongod.resume();
  for (const server of [mongod, nats]) if (!server.process.isRunning) await server.restart();
  for (const url of [listenerUrl, executorUrl]) {
    await untilReported(url, 'mongodb', 'up');
    await untilReported(url, 'nats', 'up');
  }
  await target.stop();
});

describe('while mongod is gone', () => {
  it.each(['stop', 'kill', 'pause'] as const)(
    'accepts events of a known workflow, and each ends once (%s)',
    async (way) => {
      const load = new SteadyLoad(system.listenerUrl, workflow);
      await load.untilAnswered(202, 20);

      await system.mongod[way]();
      await untilReported(system.listenerUrl, 'mongodb', 'down');
      await load.untilAnswered(202, 50);
      if (way === 'pause') system.mongod.resume();
      else await system.mongod.restart();
      await untilReported(system.listenerUrl, 'mongodb', 'up');
      await load.untilAnswered(202, 20);
      await load.stop();

      expect(load.accepted.size).toBe(load.sent.length);
      expect(await load.ends(system.api)).toEqual({ succeeded: load.accepted.size });
      expect(target.timesByKey).toEqual(timesOnce([...load.accepted.values()]));
    },
  );

  it.each([
    ['JSON', sendLargeJson],
    ['text that is six times as long in a dispatch', sendLargeText],
  ])('accepts the largest events: %s', async (_what, sendLarge) => {
    const keeping = await system.api.createWorkflow(keepingWorkflow(`large-${randomUUID()}`));
    await startWorkflow(system, keeping);
    await system.mongod.kill();
    await untilReported(system.listenerUrl, 'mongodb', 'down');

    const answer = await sendLarge(keeping);
    await system.mongod.restart();

    const { status, body } = answer;
    const receipt = expect.objectContaining({
      activityid: expect.any(String) as unknown,
    }) as unknown;
    expect({ status, body }).toEqual({ status: 202, body: receipt });
    const activityid = activityIdIn(answer);
    expect(await system.api.untilFinal(activityid)).toMatchObject({ status: 'succeeded' });
  });

  it('authorizes nobody whom it cannot check', async () => {
    const unseen = await system.api.createWorkflow(keepingWorkflow('unseen'));
    await started();
    await system.mongod.kill();
    await untilReported(system.listenerUrl, 'mongodb', 'down');

    const notCached = await send(unseen);
    const unknown = await send({ ...workflow, id: 'unknown' });
    const wrongToken = await send({ ...workflow, token: unseen.token });

    expectToBeSentAgain(notCached);
    expectToBeSentAgain(unknown);
    expectToBeSentAgain(wrongToken);
    // To the byte: nobody learns which workflows there are.
    expect(wrongToken.body).toEqual(unknown.body);
    expect(withoutDate(wrongToken)).toEqual(withoutDate(unknown));
    await system.mongod.restart();
    await untilReported(system.executorUrl, 'mongodb', 'up');
    expect(await system.api.refused(workflow.id)).toEqual([]);
    expect(await system.api.activities(unseen.id)).toEqual([]);
  });

  it('answers the same event and other content under its id differently, during the outage and afterwards', async () => {
    await started();
    await system.mongod.kill();
    await untilReported(system.listenerUrl, 'mongodb', 'down');
    const event = newEvent(workflow.id, { data: { n: 'first' } });
    const changed = { ...event, data: { n: 'other' } };

    const first = await sendStructured(system.listenerUrl, event, workflow);
    const same = await sendStructured(system.listenerUrl, event, workflow);
    const other = await sendStructured(system.listenerUrl, changed, workflow);
    await system.mongod.restart();
    await untilReported(system.listenerUrl, 'mongodb', 'up');
    const later = await sendStructured(system.listenerUrl, changed, workflow);

    const answers = [first, same, other, later];
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 409, 409]);
    expect(same.headers.get('idempotent-replayed')).toBe('true');
    const id = activityIdIn(first);
    await system.api.untilFinal(id);
    const calls = target.calls.filter(({ idempotencyKey }) => idempotencyKey?.startsWith(id));
    expect(calls.map(({ body }) => body)).toEqual(['{"n":"first"}']);
  });

  it('reports it, and since when', async () => {
    const before = Date.now();
    await system.mongod.kill();

    const listener = await untilReported(system.listenerUrl, 'mongodb', 'down');
    const executor = await untilReported(system.executorUrl, 'mongodb', 'down');

    expect(listener).toMatchObject({ status: 200, body: { status: 'degraded', unmet: [] } });
    expect(executor).toMatchObject({
      status: 503,
      body: { status: 'unavailable', unmet: ['running activities'] },
    });
    for (const answer of [listener, executor]) {
      const since = Date.parse(reportedIn(answer, 'mongodb')?.since ?? '');
      expect(since).toBeGreaterThanOrEqual(before);
      expect(since).toBeLessThanOrEqual(Date.now());
    }
  });

  it('keeps the answer to a call, and does not call again, however long the outage', async () => {
    const { release } = target.hold();
    const id = await started();
    await waitFor('the call', () => target.calls[0]);
    await system.mongod.kill();

    release();
    await untilLeaseIsOver();
    await system.mongod.restart();

    expect(await system.api.untilFinal(id)).toMatchObject({ status: 'succeeded' });
    expect(target.timesByKey).toEqual(timesOnce([id]));
  });
});

describe('while mongod and NATS are gone', () => {
  it('answers 503 with Retry-After, and reports it', async () => {
    await started();
    await system.mongod.kill();
    await system.nats.kill();

    await untilReported(system.listenerUrl, 'nats', 'down');
    const readiness = await untilReported(system.listenerUrl, 'mongodb', 'down');
    const refused = await send();

    expect(readiness).toMatchObject({
      status: 503,
      body: { status: 'unavailable', unmet: ['recording'] },
    });
    expectToBeSentAgain(refused);
    await system.mongod.restart();
    await untilReported(system.executorUrl, 'mongodb', 'up');
    await untilReported(system.listenerUrl, 'mongodb', 'up');
    const id = await started();
    expect(await system.api.untilFinal(id)).toMatchObject({ status: 'succeeded' });
  });
});

/** Nothing can be observed of a lease while the record that holds it can't be read. */
async function untilLeaseIsOver(): Promise<void> {
  const from = Date.now();
  await waitFor('the lease to run out', () =>
    Date.now() - from > 2 * LEASE_MS ? true : undefined,
  );
}

function expectToBeSentAgain({ status, headers }: Answer): void {
  expect(status).toBe(503);
  expect(headers.get('retry-after')).toMatch(/^\d+$/);
}

function send(to: CreatedWorkflow = workflow): Promise<Answer> {
  return sendStructured(system.listenerUrl, newEvent(to.id, { data: { n: 1 } }), to);
}

/** As large as the ingress takes, but for the attributes. */
function sendLargeJson(to: CreatedWorkflow): Promise<Answer> {
  const event = newEvent(to.id, { data: 'x'.repeat(LARGE_DATA_BYTES) });
  return sendStructured(system.listenerUrl, event, to);
}

/** Control characters: JSON, and so a dispatch, has six bytes for each. */
function sendLargeText({ id, token }: CreatedWorkflow): Promise<Answer> {
  const { data: _, datacontenttype: __, ...attributes } = newEvent(id);
  const context = Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [`ce-${name}`, String(value)]),
  ) as Record<string, string>;
  return ask(`${system.listenerUrl}/listener/event`, {
    method: 'POST',
    token,
    headers: { ...context, 'content-type': 'text/plain' },
    body: '\u0001'.repeat(LARGE_DATA_BYTES),
  });
}

function started(): Promise<string> {
  return startWorkflow(system, workflow, { data: { n: 1 } });
}

/** For each activity one call, under the key of its first attempt. */
function timesOnce(activityIds: readonly string[]): ReadonlyMap<string, number> {
  return new Map(activityIds.map((id) => [`${id}:call:1`, 1]));
}

function withoutDate({ headers }: Answer): readonly (readonly [string, string])[] {
  return [...headers].filter(([name]) => name !== 'date');
}
