import { jest } from '@jest/globals';
import { operationsUrl } from '../tools/start/app-process.mjs';
import { ask } from './support/answer.js';
import { callingWorkflow } from './support/definitions.js';
import { FlowSystem } from './support/flow-system.js';
import { metricOf } from './support/metric.js';
import { untilReported } from './support/readiness.js';
import { startWorkflow } from './support/run-workflow.js';
import { newEvent } from './support/sample-event.js';
import { sendStructured } from './support/send.js';
import { SteadyLoad } from './support/steady-load.js';
import { TargetServer } from './support/target-server.js';

jest.setTimeout(300_000);

let target: TargetServer;
let system: FlowSystem;

beforeEach(async () => {
  target = await TargetServer.start();
});

afterEach(async () => {
  await system.stop();
  await target.stop();
});

describe('without NATS', () => {
  it.each([
    ['EVENTING_DRIVER=http', { EVENTING_DRIVER: 'http' }],
    ['EVENTING_ENABLED=false', { EVENTING_DRIVER: 'nats', EVENTING_ENABLED: 'false' }],
  ])('runs everything over HTTP (%s)', async (_setting, env) => {
    system = await FlowSystem.start({
      driver: 'http',
      servers: 'shared',
      listenerEnv: env,
      executorEnv: env,
    });
    const workflow = await system.api.createWorkflow(callingWorkflow(target.url));
    const load = new SteadyLoad(system.listenerUrl, workflow);
    await load.untilAnswered(202, 100);
    await load.stop();

    expect(load.accepted.size).toBe(load.sent.length);
    expect(await load.ends(system.api)).toEqual({ succeeded: load.accepted.size });
    expect(target.timesByKey).toEqual(timesOnce([...load.accepted.values()]));
    expect(await metricOf(system.listenerUrl, 'flow_dispatched_total{transport="http"}')).toBe(
      load.accepted.size,
    );
    const { body } = await ask(`${operationsUrl(system.listenerUrl)}/health/ready`);
    expect(body).toMatchObject({ status: 'ready', dependencies: [{ name: 'mongodb' }] });
    const forWorkers = { name: 'for-workers', tasks: { invoice: { generic: 'invoices' } } };
    const refused = await ask(`${system.executorUrl}/api/v2/workflows`, {
      method: 'POST',
      token: system.adminToken,
      body: forWorkers,
    });
    expect(refused).toMatchObject({ status: 400, body: { code: 'BODY_INVALID' } });
  });

  it('accepts events while no executor is there, and runs them when one is', async () => {
    system = await FlowSystem.start({ driver: 'http', servers: 'shared' });
    const workflow = await system.api.createWorkflow(callingWorkflow(target.url));
    const [executor] = system.executors;
    await executor.kill();

    const ids = await Promise.all(
      Array.from({ length: 20 }, () => startWorkflow(system, workflow, { data: { n: 1 } })),
    );
    expect(target.calls).toEqual([]);
    await executor.restart();

    for (const id of ids) {
      expect(await system.api.untilFinal(id)).toMatchObject({ status: 'succeeded' });
    }
    expect(target.timesByKey).toEqual(timesOnce(ids));
  });

  it('accepts nothing while mongod is gone, because there is nowhere else to keep it', async () => {
    system = await FlowSystem.start({ driver: 'http' });
    const workflow = await system.api.createWorkflow(callingWorkflow(target.url));
    await startWorkflow(system, workflow, { data: { n: 1 } });
    await system.mongod.stop();

    const readiness = await untilReported(system.listenerUrl, 'mongodb', 'down');
    const answer = await sendStructured(system.listenerUrl, newEvent(workflow.id), workflow);

    expect(readiness).toMatchObject({ status: 503, body: { unmet: ['recording'] } });
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
  });
});

/** For each activity one call, under the key of its first attempt. */
function timesOnce(activityIds: readonly string[]): ReadonlyMap<string, number> {
  return new Map(activityIds.map((id) => [`${id}:call:1`, 1]));
}
