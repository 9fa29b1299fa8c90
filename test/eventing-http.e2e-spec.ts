import { jest } from '@jest/globals';
import { waitFor } from '../tools/project/wait-for.mjs';
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
  await target.stop();
});

describe.each([
  ['EVENTING_DRIVER=http', { EVENTING_DRIVER: 'http' }],
  ['EVENTING_ENABLED=false', { EVENTING_DRIVER: 'nats', EVENTING_ENABLED: 'false' }],
] as const)('without NATS (%s)', (_setting, env) => {
  beforeAll(async () => {
    system = await FlowSystem.start({ driver: 'http', listenerEnv: env, executorEnv: env });
  });

  afterAll(() => system.stop());

  it('runs everything over HTTP', async () => {
    const workflow = await system.api.createWorkflow(callingWorkflow(target.url));
    const dispatched = 'flow_dispatched_total{transport="http"}';
    const before = await metricOf(system.listenerUrl, dispatched);
    const load = new SteadyLoad(system.listenerUrl, workflow);
    await load.untilAnswered(202, 100);
    await load.stop();

    expect(load.accepted.size).toBe(load.sent.length);
    expect(await load.ends(system.api)).toEqual({ succeeded: load.accepted.size });
    expect(target.timesByKey).toEqual(timesOnce([...load.accepted.values()]));
    await waitFor('the count', async () => {
      expect(await metricOf(system.listenerUrl, dispatched)).toBe(before + load.accepted.size);
      return true;
    });
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

  it('accepts events while no executor runs, and runs them when one is started', async () => {
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

  it('accepts nothing while mongod is gone, because there is no other store', async () => {
    const workflow = await system.api.createWorkflow(callingWorkflow(target.url));
    await startWorkflow(system, workflow, { data: { n: 1 } });
    await system.mongod.stop();

    const readiness = await untilReported(system.listenerUrl, 'mongodb', 'down');
    const answer = await sendStructured(system.listenerUrl, newEvent(workflow.id), workflow);

    expect(readiness).toMatchObject({ status: 503, body: { unmet: ['recording'] } });
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
    await system.mongod.restart();
  });
});

/** For each activity one call, under the key of its first attempt. */
function timesOnce(activityIds: readonly string[]): ReadonlyMap<string, number> {
  return new Map(activityIds.map((id) => [`${id}:call:1`, 1]));
}
