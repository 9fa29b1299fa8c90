import { jest } from '@jest/globals';
import { waitFor } from '../tools/project/wait-for.mjs';
import { appUrl } from '../tools/start/app-process.mjs';
import { callingWorkflow } from './support/definitions.js';
import { FlowApi } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { metricOf } from './support/metric.js';
import { startWorkflow } from './support/run-workflow.js';
import { TargetServer } from './support/target-server.js';

jest.setTimeout(300_000);

/** Much longer than a test may take: nothing here may wait for the end of a lease. */
const LONG_LEASE = { LEASE_MS: '600000', SWEEP_INTERVAL_MS: '200', SHUTDOWN_MS_MAX: '8000' };
const SOON_MS = 120_000;

describe.each([1, 2] as const)(
  'a call that takes longer than the stop of one of %d executors',
  (executors) => {
    let target: TargetServer;
    let system: FlowSystem;

    beforeAll(async () => {
      system = await FlowSystem.start({ servers: 'shared', executors, executorEnv: LONG_LEASE });
      target = await TargetServer.start();
    });

    afterAll(async () => {
      await system.stop();
      await target.stop();
    });

    it('is repeated at once with the same key, and counts as no takeover', async () => {
      const workflow = await system.api.createWorkflow(callingWorkflow(target.url));
      target.hold();
      const id = await startWorkflow(system, workflow, { data: { n: 1 } });
      await waitFor('the call', () => target.calls[0]);
      const [first, second = first] = system.executors;
      const inHand = await metricOf(appUrl(first.port), 'flow_in_flight{what="activities"}');
      const [busy, other] = inHand > 0 ? [first, second] : [second, first];

      // The call under way stays unanswered; the one that repeats it may come before the stop is over.
      target.replyWith(() => ({ status: 200 }));
      await busy.process.stop({ graceMs: 60_000 });
      expect(await busy.process.ended).toBe('ended with exit code 0');
      const endedAt = performance.now();
      if (other === busy) await busy.restart();

      const activity = await new FlowApi(appUrl(other.port), system.adminToken).untilFinal(id);
      expect(activity).toMatchObject({ status: 'succeeded' });
      expect(activity.takeovers).toBeUndefined();
      expect(performance.now() - endedAt).toBeLessThan(SOON_MS);
      expect(target.timesByKey).toEqual(new Map([[`${id}:call:1`, 2]]));
    });
  },
);
