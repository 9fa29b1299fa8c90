import { jest } from '@jest/globals';
import { waitFor } from '../tools/project/wait-for.mjs';
import { appUrl } from '../tools/start/app-process.mjs';
import { ask } from './support/answer.js';
import { callingWorkflow } from './support/definitions.js';
import { type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { metricOf } from './support/metric.js';
import { startWorkflow } from './support/run-workflow.js';
import { TargetServer } from './support/target-server.js';

jest.setTimeout(300_000);

/** Longer than any test: nothing here is found by a lease that runs out or is renewed. */
const LEASE_MS = '600000';
const RUNS = 20;

let target: TargetServer;
/** Answers every call: an executor that is told to stop waits for those that it has made. */
let release: () => void;
let system: FlowSystem;
let workflow: CreatedWorkflow;

async function startSystem(
  driver: 'nats' | 'http',
  executorEnv: Readonly<Record<string, string>>,
): Promise<void> {
  target = await TargetServer.start();
  ({ release } = target.hold());
  system = await FlowSystem.start({
    servers: 'shared',
    driver,
    executors: 2,
    executorEnv: { LEASE_MS, SHUTDOWN_MS_MAX: '4000', ...executorEnv },
  });
  workflow = await system.api.createWorkflow(callingWorkflow(target.url));
}

afterEach(async () => {
  release();
  await system.stop();
  await target.stop();
});

describe('a cancel', () => {
  it.each([
    ['a notice over NATS', 'nats', { SIGNAL_LOOK_MS: '60000' }],
    ["the drivers' own look at their inboxes", 'nats', {}],
    ['the same, without NATS', 'http', {}],
  ] as const)('ends a run that another executor drives, by %s', async (_how, driver, env) => {
    await startSystem(driver, env);
    // Over HTTP the listener knows the first one alone.
    const [first, second] = system.executors.map(({ port }) => appUrl(port));
    const asked = driver === 'http' ? second : first;
    const driving = driver === 'http' ? first : second;
    const ids: string[] = [];
    // Over NATS a run comes to whichever executor asks first.
    await waitFor('a call of the other executor', async () => {
      ids.push(...(await startRuns(RUNS)));
      await waitFor('the calls', () => (target.calls.length >= ids.length ? true : undefined));
      return (await runsInHand(driving)) > 0 || undefined;
    });

    const answers = await Promise.all(ids.map((id) => cancel(id, asked)));

    expect(answers).toEqual(ids.map(() => 202));
    for (const id of ids) expect(await system.api.untilFinal(id)).toMatchObject(CANCELLED);
  });

  it('is answered, and ends a waiting run, while every permit for a call is taken', async () => {
    await startSystem('nats', { HTTP_TASK_CALLS_MAX: '1' });
    // Whichever executor a run comes to: until each has one that is calling.
    const busy: string[] = [];
    await waitFor('a call of each executor', async () => {
      busy.push(...(await startRuns(1)));
      return target.calls.length >= 2 ? true : undefined;
    });
    const waiting = await startRuns(5);

    for (const id of waiting) {
      expect(await cancel(id)).toBe(202);
      expect(await system.api.untilFinal(id)).toMatchObject(CANCELLED);
    }
    expect(target.calls).toHaveLength(2);
    for (const id of busy) {
      expect((await system.api.activity(id))?.status).not.toBe('cancelled');
    }
  });
});

const CANCELLED = { status: 'cancelled', failure: { code: 'CANCELLED' } };

async function startRuns(count: number): Promise<readonly string[]> {
  const starts = Array.from({ length: count }, () => startWorkflow(system, workflow, DATA));
  return Promise.all(starts);
}

const DATA = { data: { n: 1 } };

async function cancel(id: string, executorUrl = system.executorUrl): Promise<number> {
  const url = `${executorUrl}/api/v2/activities/${id}/cancel`;
  const { status } = await ask(url, { method: 'POST', token: system.adminToken });
  return status;
}

function runsInHand(executorUrl = ''): Promise<number> {
  return metricOf(executorUrl, 'flow_in_flight{what="activities"}');
}
