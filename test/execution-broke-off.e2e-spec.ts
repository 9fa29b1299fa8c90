import { jest } from '@jest/globals';
import { waitFor } from '../tools/project/wait-for.mjs';
import { type RestartableServer } from '../tools/servers/restartable-server.mjs';
import { appUrl } from '../tools/start/app-process.mjs';
import { callingWorkflow } from './support/definitions.js';
import { FlowApi } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { metricOf } from './support/metric.js';
import { runWorkflow, startWorkflow, taskOf } from './support/run-workflow.js';
import { TargetServer } from './support/target-server.js';

jest.setTimeout(300_000);

const TAKEOVERS_MAX = 3;
const EVENT = { data: { n: 1 } };

/**
 * An activity that kills whoever works on it: each time its call arrives, the executor that made it
 * is killed.
 */
describe('an activity that kills its executor each time', () => {
  let deadly: TargetServer;
  let harmless: TargetServer;
  let system: FlowSystem;

  beforeAll(async () => {
    system = await FlowSystem.start({
      servers: 'shared',
      executors: 2,
      executorEnv: {
        LEASE_MS: '3000',
        SWEEP_INTERVAL_MS: '200',
        ACTIVITY_TAKEOVERS_MAX: String(TAKEOVERS_MAX),
      },
    });
    [deadly, harmless] = [await TargetServer.start(), await TargetServer.start()];
  });

  afterAll(async () => {
    await system.stop();
    await deadly.stop();
    await harmless.stop();
  });

  it('fails with EXECUTION_BROKE_OFF after ACTIVITY_TAKEOVERS_MAX takeovers, without effect on other activities', async () => {
    const other = await system.api.createWorkflow(callingWorkflow(harmless.url));
    const workflow = await system.api.createWorkflow(callingWorkflow(deadly.url));
    deadly.hold();
    const id = await startWorkflow(system, workflow, EVENT);

    for (let kills = 0; kills <= TAKEOVERS_MAX; kills += 1) {
      await waitFor('the call', () => deadly.calls[kills]);
      const [busy, spare] = await byWork();
      expect((await apiOf(spare).activity(id))?.takeovers ?? 0).toBe(kills);
      await busy.kill();
      await busy.restart();
      expect(await runWorkflow(system, other, EVENT)).toMatchObject({ status: 'succeeded' });
    }

    const activity = await system.api.untilFinal(id);
    expect(activity).toMatchObject({
      status: 'failed',
      takeovers: TAKEOVERS_MAX + 1,
      failure: { level: 'workflow', code: 'EXECUTION_BROKE_OFF' },
    });
    expect(taskOf(activity, 'call')).toMatchObject({ status: 'failed', attempt: 1 });
    expect(deadly.timesByKey).toEqual(new Map([[`${id}:call:1`, TAKEOVERS_MAX + 1]]));
    expect([...harmless.timesByKey.values()]).toEqual(Array(TAKEOVERS_MAX + 1).fill(1));
  });

  /** The executor that has the one activity in hand, and the one that has not. */
  async function byWork(): Promise<[RestartableServer, RestartableServer]> {
    const [first, second] = system.executors;
    if (!second) throw new Error('This needs two executors');
    const inHand = await metricOf(appUrl(first.port), 'flow_in_flight{what="activities"}');
    return inHand > 0 ? [first, second] : [second, first];
  }

  function apiOf({ port }: RestartableServer): FlowApi {
    return new FlowApi(appUrl(port), system.adminToken);
  }
});
