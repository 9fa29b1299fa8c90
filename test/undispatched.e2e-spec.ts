import { jest } from '@jest/globals';
import { waitFor } from '../tools/project/wait-for.mjs';
import { keepingWorkflow } from './support/definitions.js';
import { type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { metricOf } from './support/metric.js';
import { untilReported } from './support/readiness.js';
import { startWorkflow } from './support/run-workflow.js';

jest.setTimeout(300_000);

/** More than the listener tells of at a time, and than an executor runs at a time. */
const EVENTS = 600;

/** So seldom does a sweeper look: it would find all of them, but at its next look. */
const executorEnv = { SWEEP_INTERVAL_MS: '60000' };

/** Not one of them waits for the sweeper; on a slow machine it may come before the last ones. */
describe.each(['http', 'nats'] as const)('events that could not be dispatched (%s)', (driver) => {
  let system: FlowSystem;

  beforeAll(async () => {
    system = await FlowSystem.start({ driver, executorEnv });
  });

  afterAll(() => system.stop());

  it('start as soon as an executor can be reached, before the sweeper finds them', async () => {
    const workflow = await system.api.createWorkflow(keepingWorkflow('undispatched'));
    await startWorkflow(system, workflow);
    const [executor] = system.executors;
    await executor.stop();
    if (driver === 'nats') await system.nats.stop();

    const ids = await Promise.all(
      Array.from({ length: EVENTS }, () => startWorkflow(system, workflow)),
    );
    await waitFor('the failed dispatches', async () =>
      (await failedDispatches(system)) >= EVENTS ? true : undefined,
    );
    if (driver === 'nats') await system.nats.restart();
    await executor.restart();
    await untilSucceeded(workflow, ids);

    expect(await sweptBy(system)).toBeLessThan(EVENTS);
    if (driver === 'nats') await untilReported(system.listenerUrl, 'nats', 'up');
  });

  // Without NATS there is nowhere else to keep an event while MongoDB is away.
  if (driver === 'http') return;

  it('start when MongoDB is back, if it was not available when they came', async () => {
    const workflow = await system.api.createWorkflow(keepingWorkflow('mongod-away'));
    await startWorkflow(system, workflow);
    const sweptBefore = await sweptBy(system);
    await system.mongod.kill();
    await untilReported(system.listenerUrl, 'mongodb', 'down');

    const ids = await Promise.all(
      Array.from({ length: EVENTS }, () => startWorkflow(system, workflow)),
    );
    await system.mongod.restart();
    await untilSucceeded(workflow, ids);

    expect((await sweptBy(system)) - sweptBefore).toBeLessThan(EVENTS);
  });

  async function untilSucceeded({ id }: CreatedWorkflow, ids: readonly string[]): Promise<void> {
    const ends = await system.api.untilAllFinal(id, ids);
    expect([...new Set(ends.values())]).toEqual(['succeeded']);
  }
});

function failedDispatches({ listenerUrl }: FlowSystem): Promise<number> {
  return metricOf(listenerUrl, 'flow_dispatch_failures_total{transport="http"}');
}

function sweptBy({ executorUrl }: FlowSystem): Promise<number> {
  return metricOf(executorUrl, 'flow_sweeper_claims_total');
}
