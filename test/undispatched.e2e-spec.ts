import { jest } from '@jest/globals';
import { waitFor } from '../tools/project/wait-for.mjs';
import { appUrl } from '../tools/start/app-process.mjs';
import { keepingWorkflow } from './support/definitions.js';
import { FlowSystem } from './support/flow-system.js';
import { metricOf } from './support/metric.js';
import { startWorkflow } from './support/run-workflow.js';

jest.setTimeout(300_000);

const EVENTS = 50;

/** When a sweeper looks for what nobody dispatched: 30 s after it was accepted. */
describe('events of which no executor could be told', () => {
  let system: FlowSystem;

  afterEach(async () => {
    await system.stop();
  });

  it.each(['http', 'nats'] as const)(
    'start when one can be reached again, and not only when the sweeper finds them (%s)',
    async (driver) => {
      system = await FlowSystem.start({ driver });
      const workflow = await system.api.createWorkflow(keepingWorkflow(`undispatched-${driver}`));
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
      const from = Date.now();
      for (const id of ids) {
        expect(await system.api.untilFinal(id)).toMatchObject({ status: 'succeeded' });
      }

      process.stderr.write(`${driver}: all of ${EVENTS} ended after ${Date.now() - from} ms\n`);
      expect(await metricOf(appUrl(executor.port), 'flow_sweeper_claims_total')).toBe(0);
    },
  );
});

function failedDispatches({ listenerUrl }: FlowSystem): Promise<number> {
  return metricOf(listenerUrl, 'flow_dispatch_failures_total{transport="http"}');
}
