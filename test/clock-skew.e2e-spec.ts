import { jest } from '@jest/globals';
import { waitFor } from '../tools/project/wait-for.mjs';
import { appUrl } from '../tools/start/app-process.mjs';
import { callingWorkflow } from './support/definitions.js';
import { FlowSystem } from './support/flow-system.js';
import { metricOf } from './support/metric.js';
import { startWorkflow } from './support/run-workflow.js';
import { TargetServer } from './support/target-server.js';

jest.setTimeout(300_000);

const LEASE_MS = 3_000;
const RUNS = 20;
/** Twenty heartbeats of the connection to MongoDB are sent, and not read, meanwhile. */
const PAUSE_MS = 12_000;
/** So long it is looked at: until new readings are there. */
const LOOKED_AT_MS = 3_000;
/** Shifts the clocks of a process before anything else in it runs. */
const AN_HOUR_FAST =
  'const/**/d=Date.now,p=performance.now.bind(performance);' +
  'Date.now=()=>d()+3600000;performance.now=()=>p()+3600000';

let target: TargetServer;
let system: FlowSystem;

describe('two executors, of which one has a clock that is an hour fast', () => {
  beforeAll(async () => {
    system = await FlowSystem.start({
      servers: 'shared',
      executors: 2,
      executorEnv: { LEASE_MS: String(LEASE_MS), SWEEP_INTERVAL_MS: '200' },
      secondExecutorEnv: { NODE_OPTIONS: `--import=data:text/javascript,${AN_HOUR_FAST}` },
    });
    target = await TargetServer.start();
  });

  afterAll(() => target.stop());

  it('keep their leases, and make each call once', async () => {
    const { release } = target.hold();
    const workflow = await system.api.createWorkflow(callingWorkflow(target.url));
    const ids = await Promise.all(
      Array.from({ length: RUNS }, () => startWorkflow(system, workflow, { data: { n: 1 } })),
    );
    await waitFor('the calls', () => (target.calls.length >= RUNS ? true : undefined));
    await leasesRenewed();
    release();

    for (const id of ids) {
      const activity = await system.api.untilFinal(id);
      expect(activity.status).toBe('succeeded');
      expect(activity.takeovers).toBeUndefined();
    }
    expect([...target.timesByKey.values()]).toEqual(Array(RUNS).fill(1));
    const [, second] = system.executors;
    expect(await metricOf(appUrl(second?.port ?? 0), 'flow_clock_offset_seconds')).toBeCloseTo(
      -3_600,
      0,
    );
  });
});

describe('an executor that was paused for longer than it keeps readings of the clock', () => {
  afterAll(() => system.stop());

  it('knows the time of MongoDB as soon as it is resumed', async () => {
    const [executor] = system.executors;
    const offset = (): Promise<number> =>
      metricOf(appUrl(executor.port), 'flow_clock_offset_seconds');
    expect(Math.abs(await offset())).toBeLessThan(1);

    executor.pause();
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    executor.resume();

    const offsets: number[] = [];
    const from = performance.now();
    while (performance.now() - from < LOOKED_AT_MS) offsets.push(await offset());
    expect(Math.max(...offsets.map(Math.abs))).toBeLessThan(1);
  });
});

/** That takes time and nothing else: nothing is to happen meanwhile. */
function leasesRenewed(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 3 * LEASE_MS));
}
