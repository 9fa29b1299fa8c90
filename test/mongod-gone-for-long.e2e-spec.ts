import { jest } from '@jest/globals';
import { keepingWorkflow } from './support/definitions.js';
import { FlowSystem } from './support/flow-system.js';
import { metricOf } from './support/metric.js';
import { untilReported } from './support/readiness.js';
import { runWorkflow, startWorkflow } from './support/run-workflow.js';

jest.setTimeout(300_000);

let system: FlowSystem;

beforeEach(async () => {
  // So that the first delivery that fails is one too many, as the twentieth is after some minutes.
  system = await FlowSystem.start({ executorEnv: { NATS_DELIVERIES_MAX: '1' } });
});

afterEach(async () => {
  await system.stop();
});

describe('while mongod is gone for a long time', () => {
  it('does not use up the deliveries of waiting messages in JetStream', async () => {
    const workflow = await system.api.createWorkflow(keepingWorkflow('waiting'));
    await runWorkflow(system, workflow);
    await system.mongod.kill();
    await untilReported(system.executorUrl, 'mongodb', 'down');
    await untilReported(system.listenerUrl, 'mongodb', 'down');

    const ids = [await startWorkflow(system, workflow), await startWorkflow(system, workflow)];
    await system.mongod.restart();

    for (const id of ids) {
      expect(await system.api.untilFinal(id)).toMatchObject({ status: 'succeeded' });
    }
    const exhausted = 'flow_dead_letters_total{code="DELIVERIES_EXHAUSTED"}';
    expect(await metricOf(system.executorUrl, exhausted)).toBe(0);
  });
});
