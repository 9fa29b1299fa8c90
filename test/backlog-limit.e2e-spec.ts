import { jest } from '@jest/globals';
import { waitFor } from '../tools/project/wait-for.mjs';
import { keepingWorkflow } from './support/definitions.js';
import { type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { metricOf } from './support/metric.js';
import { runWorkflow, startWorkflow } from './support/run-workflow.js';
import { newEvent } from './support/sample-event.js';
import { sendBatch, sendStructured, sendWebhook } from './support/send.js';

jest.setTimeout(300_000);

const BACKLOG_MAX = 3;

let system: FlowSystem;
let workflow: CreatedWorkflow;

beforeAll(async () => {
  system = await FlowSystem.start({
    servers: 'shared',
    listenerEnv: { BACKLOG_MAX: `${BACKLOG_MAX}` },
  });
  workflow = await system.api.createWorkflow(keepingWorkflow('backlog'));
});

afterAll(() => system.stop());

it('a listener answers 429 while BACKLOG_MAX activities wait, and accepts events again when executors have caught up', async () => {
  const [executor] = system.executors;
  await runWorkflow(system, workflow);
  await executor.stop();
  const { listenerUrl } = system;
  const waiting = await Promise.all(
    Array.from({ length: BACKLOG_MAX }, () => startWorkflow(system, workflow)),
  );
  await waitFor('a full backlog', async () =>
    (await metricOf(listenerUrl, 'flow_backlog{status="queued"}')) >= BACKLOG_MAX
      ? true
      : undefined,
  );

  const { token } = workflow;
  const refused = [
    await sendStructured(listenerUrl, newEvent(workflow.id), { token }),
    await sendBatch(listenerUrl, [newEvent(workflow.id)], { token }),
    await sendWebhook(listenerUrl, workflow.id, {}, { token }),
  ];

  for (const { status, headers, body } of refused) {
    expect({ status, body }).toMatchObject({ status: 429, body: { code: 'BACKLOG_FULL' } });
    expect(headers.get('retry-after')).toBe('5');
  }
  expect(await metricOf(listenerUrl, 'flow_events_rejected_total{code="BACKLOG_FULL"}')).toBe(3);
  await executor.restart();
  for (const id of waiting) expect((await system.api.untilFinal(id)).status).toBe('succeeded');
  await waitFor('room for more', async () => {
    const { status } = await sendStructured(listenerUrl, newEvent(workflow.id), { token });
    return status === 202 || undefined;
  });
});
