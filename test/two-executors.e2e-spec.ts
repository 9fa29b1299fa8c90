import { jest } from '@jest/globals';
import { waitFor } from '../tools/project/wait-for.mjs';
import { type RestartableServer } from '../tools/servers/restartable-server.mjs';
import { appUrl } from '../tools/start/app-process.mjs';
import { callingWorkflow } from './support/definitions.js';
import { type CreatedWorkflow, FlowApi } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { metricOf } from './support/metric.js';
import { startWorkflow } from './support/run-workflow.js';
import { SteadyLoad } from './support/steady-load.js';
import { TargetServer } from './support/target-server.js';

jest.setTimeout(300_000);

let target: TargetServer;
let system: FlowSystem;
let workflow: CreatedWorkflow;
let first: RestartableServer;
let second: RestartableServer;

beforeAll(async () => {
  system = await FlowSystem.start({
    servers: 'shared',
    executors: 2,
    executorEnv: { SHUTDOWN_MS_MAX: '8000', LEASE_MS: '3000', SWEEP_INTERVAL_MS: '200' },
  });
  const [one, other] = system.executors;
  if (!other) throw new Error('There are two executors');
  [first, second] = [one, other];
});

afterAll(async () => {
  await system.stop();
});

beforeEach(async () => {
  target = await TargetServer.start();
  workflow = await system.api.createWorkflow(callingWorkflow(target.url));
});

afterEach(async () => {
  for (const app of [first, second]) if (!app.process.isRunning) await app.restart();
  await target.stop();
});

describe('two executors', () => {
  it('share the work, and make each call once', async () => {
    const load = new SteadyLoad(system.listenerUrl, workflow);
    await load.untilAnswered(202, 200);
    await load.stop();

    await expectAllRunOnce(load);
    await waitFor('both to have counted', async () => {
      const [one, other] = [await runsEndedBy(first), await runsEndedBy(second)];
      expect(Math.min(one, other)).toBeGreaterThan(0);
      expect(one + other).toBe(load.accepted.size);
      return true;
    });
  });

  it('continue when one is stopped, which finishes its runs in flight', async () => {
    target.replyWith(slowly);
    const load = new SteadyLoad(system.listenerUrl, workflow);
    await load.untilAnswered(202, 50);

    expect(await ending(second)).toBe('ended with exit code 0');
    await load.untilAnswered(202, 50);
    await load.stop();

    await expectAllRunOnce(load);
  });

  it('do not wait for a call that does not end: another executor repeats it with its key', async () => {
    target.hold();
    const id = await startWorkflow(system, workflow, { data: { n: 1 } });
    await waitFor('the call', () => target.calls[0]);
    const [busy, other] = (await inHand(first)) > 0 ? [first, second] : [second, first];

    // The call under way stays unanswered; the one that repeats it may come before the stop is over.
    target.replyWith(() => ({ status: 200 }));
    expect(await ending(busy)).toBe('ended with exit code 0');
    const api = new FlowApi(appUrl(other.port), system.adminToken);
    expect(await api.untilFinal(id)).toMatchObject({ status: 'succeeded' });
    expect([...target.timesByKey.keys()]).toEqual([`${id}:call:1`]);
  });
});

describe('a listener that is stopped', () => {
  it('answers its requests, dispatches what it accepted, and exits with 0', async () => {
    const swept = await sweptInAll();
    const load = new SteadyLoad(system.listenerUrl, workflow);
    await load.untilAnswered(202, 50);

    expect(await ending(system.listener)).toBe('ended with exit code 0');
    await load.stop();

    await expectAllRunOnce(load);
    expect(await sweptInAll()).toBe(swept);
  });
});

/** How it ended after it was asked to. */
async function ending({ process }: RestartableServer): Promise<string> {
  await process.stop({ graceMs: 60_000 });
  return process.ended;
}

function inHand({ port }: RestartableServer): Promise<number> {
  return metricOf(appUrl(port), 'flow_in_flight{what="activities"}');
}

function runsEndedBy({ port }: RestartableServer): Promise<number> {
  return metricOf(appUrl(port), 'flow_run_seconds_count{status="succeeded"}');
}

/** How many activities the sweepers had to find. */
async function sweptInAll(): Promise<number> {
  const swept = [first, second].map(({ port }) =>
    metricOf(appUrl(port), 'flow_sweeper_claims_total'),
  );
  return (await Promise.all(swept)).reduce((sum, claims) => sum + claims, 0);
}

/** Each accepted event has one ended activity, and each of those made one call. */
async function expectAllRunOnce(load: SteadyLoad): Promise<void> {
  expect(await load.ends(system.api)).toEqual({ succeeded: load.accepted.size });
  for (const id of load.accepted.values()) {
    expect(target.timesByKey.get(`${id}:call:1`)).toBe(1);
  }
  for (const times of target.timesByKey.values()) expect(times).toBe(1);
}

function slowly(): Promise<{ status: number }> {
  return new Promise((resolve) => {
    setTimeout(() => {
      resolve({ status: 200 });
    }, 100);
  });
}
