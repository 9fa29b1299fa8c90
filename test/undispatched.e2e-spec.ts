import { DISPATCH_GRACE_MS } from '@app/persistence';
import { jest } from '@jest/globals';
import { waitFor } from '../tools/project/wait-for.mjs';
import { keepingWorkflow } from './support/definitions.js';
import { FlowSystem } from './support/flow-system.js';
import { metricOf } from './support/metric.js';
import { untilReported } from './support/readiness.js';
import { startWorkflow } from './support/run-workflow.js';

jest.setTimeout(300_000);

const EVENTS = 50;

/** Without either, they would be found when they are due: `DISPATCH_GRACE_MS` after they were accepted. */
describe.each(['http', 'nats'] as const)(
  'events of which no executor could be told (%s)',
  (driver) => {
    let system: FlowSystem;

    beforeAll(async () => {
      system = await FlowSystem.start({ driver });
    });

    afterAll(() => system.stop());

    it('start when one can be reached again, and not only when they are due', async () => {
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
      for (const id of ids) {
        const { status, createdAt, startedAt = '' } = await system.api.untilFinal(id);
        expect(status).toBe('succeeded');
        expect(Date.parse(startedAt) - Date.parse(createdAt)).toBeLessThan(DISPATCH_GRACE_MS);
      }
      if (driver === 'nats') await untilReported(system.listenerUrl, 'nats', 'up');
    });

    // Without NATS there is nowhere else to keep an event while MongoDB is away.
    if (driver === 'http') return;

    it('start when MongoDB is back, if it was away when they came', async () => {
      const workflow = await system.api.createWorkflow(keepingWorkflow('mongod-away'));
      await startWorkflow(system, workflow);
      await system.mongod.kill();
      await untilReported(system.listenerUrl, 'mongodb', 'down');

      const ids = await Promise.all(
        Array.from({ length: EVENTS }, () => startWorkflow(system, workflow)),
      );
      await system.mongod.restart();
      const from = Date.now();
      const started: number[] = [];
      for (const id of ids) {
        const { status, startedAt = '' } = await system.api.untilFinal(id);
        expect(status).toBe('succeeded');
        started.push(Date.parse(startedAt) - from);
      }

      expect(Math.max(...started)).toBeLessThan(DISPATCH_GRACE_MS);
    });
  },
);

function failedDispatches({ listenerUrl }: FlowSystem): Promise<number> {
  return metricOf(listenerUrl, 'flow_dispatch_failures_total{transport="http"}');
}
