import { jest } from '@jest/globals';
import { waitFor } from '../tools/project/wait-for.mjs';
import { appUrl } from '../tools/start/app-process.mjs';
import { callingWorkflow } from './support/definitions.js';
import { FlowSystem } from './support/flow-system.js';
import { untilReported } from './support/readiness.js';
import { startWorkflow } from './support/run-workflow.js';
import { TargetServer } from './support/target-server.js';

jest.setTimeout(300_000);

const LEASE_MS = 4_000;
const RUNS = 50;

let target: TargetServer;
let system: FlowSystem;

beforeAll(async () => {
  system = await FlowSystem.start({
    executors: 2,
    executorEnv: { LEASE_MS: String(LEASE_MS), SWEEP_INTERVAL_MS: '200' },
  });
  target = await TargetServer.start();
});

afterAll(async () => {
  await system.stop();
  await target.stop();
});

describe('two executors, when mongod is back after more than a lease', () => {
  it('keep their runs, and make each call once', async () => {
    const { release } = target.hold();
    const workflow = await system.api.createWorkflow(
      callingWorkflow(target.url, { timeoutMs: 600_000 }),
    );
    const ids = await Promise.all(
      Array.from({ length: RUNS }, () => startWorkflow(system, workflow, { data: { n: 1 } })),
    );
    await waitFor('the calls', () => (target.calls.length >= RUNS ? true : undefined));

    await system.mongod.kill();
    await leases(2);
    await system.mongod.restart();
    for (const { port } of system.executors) await untilReported(appUrl(port), 'mongodb', 'up');
    await leases(2);
    release();

    for (const id of ids) {
      const activity = await system.api.untilFinal(id);
      expect(activity.status).toBe('succeeded');
      expect(activity.takeovers).toBeUndefined();
    }
    expect([...target.timesByKey.values()]).toEqual(Array(RUNS).fill(1));
  });
});

/** So many leases run out; nothing is to happen meanwhile. */
function leases(count: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, count * LEASE_MS));
}
