import { rm } from 'node:fs/promises';
import path from 'node:path';
import { jest } from '@jest/globals';
import { waitFor } from '../tools/project/wait-for.mjs';
import { jetstreamFolder } from '../tools/servers/nats-server.mjs';
import { callingWorkflow } from './support/definitions.js';
import { type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { metricOf } from './support/metric.js';
import { untilReported } from './support/readiness.js';
import { SteadyLoad } from './support/steady-load.js';
import { TargetServer } from './support/target-server.js';

jest.setTimeout(180_000);

let target: TargetServer;
let system: FlowSystem;
let workflow: CreatedWorkflow;
let load: SteadyLoad;

beforeAll(async () => {
  system = await FlowSystem.start();
});

afterAll(() => system.stop());

beforeEach(async () => {
  target = await TargetServer.start();
  workflow = await system.api.createWorkflow(callingWorkflow(target.url));
  load = new SteadyLoad(system.listenerUrl, workflow);
  await load.untilAnswered(202, 20);
});

afterEach(async () => {
  await load.stop();
  await target.stop();
  system.nats.resume();
  for (const server of [system.nats, ...system.executors, system.listener]) {
    if (!server.process.isRunning) await server.restart();
  }
  await untilReported(system.listenerUrl, 'nats', 'up');
});

describe('while nats-server is gone', () => {
  it.each(['stop', 'kill'] as const)(
    'dispatches over HTTP, and over NATS again when it is back (%s)',
    async (way) => {
      await untilDispatched('nats', 20);

      await system.nats[way]();
      await untilReported(system.listenerUrl, 'nats', 'down');
      await untilDispatched('http', 30);
      await system.nats.restart();
      await untilReported(system.listenerUrl, 'nats', 'up');
      await untilDispatched('nats', 20);

      await expectAllRunOnce();
    },
  );

  it('runs events that were dispatched to a server that does not answer', async () => {
    system.nats.pause();
    await untilDispatched('http', 20);
    system.nats.resume();
    await untilDispatched('nats', 20);

    await expectAllRunOnce();
  });
});

describe('a listener that is killed while it can dispatch nothing', () => {
  it('has lost no event that it accepted', async () => {
    const [executor] = system.executors;
    await executor.stop();
    await system.nats.kill();
    const before = await failedDispatches();
    await waitFor('failed dispatches', async () =>
      (await failedDispatches()) >= before + 20 ? true : undefined,
    );

    // Only the records of these events are left.
    await system.listener.kill();
    await load.stop();
    await system.nats.restart();
    await executor.restart();

    expect(await load.ends(system.api)).toEqual({ succeeded: load.accepted.size });
    for (const id of load.accepted.values()) expect(target.timesByKey.get(`${id}:call:1`)).toBe(1);
  });
});

describe('when the directory of JetStream is wiped', () => {
  it('runs every recorded event, and uses NATS again', async () => {
    const [executor] = system.executors;
    // So that what is dispatched now is in JetStream, and in no executor's hands.
    await executor.stop();
    await untilDispatched('nats', 30);

    await rm(jetstreamFolder(path.dirname(system.nats.process.logFile)), {
      recursive: true,
      force: true,
      // It writes files meanwhile.
      maxRetries: 20,
      retryDelay: 50,
    });
    await load.untilAnswered(202, 10);
    await system.nats.kill();
    await system.nats.restart();
    await executor.restart();
    await untilDispatched('nats', 20);

    await expectAllRunOnce();
  });
});

/** Waits until so many more activities have been handed over in this way than now. */
async function untilDispatched(transport: 'nats' | 'http', count: number): Promise<void> {
  const line = `flow_dispatched_total{transport="${transport}"}`;
  const before = await metricOf(system.listenerUrl, line);
  await waitFor(`${count} more dispatches over ${transport}`, async () =>
    (await metricOf(system.listenerUrl, line)) >= before + count ? true : undefined,
  );
}

function failedDispatches(): Promise<number> {
  return metricOf(system.listenerUrl, 'flow_dispatch_failures_total{transport="http"}');
}

/** No request was rejected; each event has one ended activity, and each of those made one call. */
async function expectAllRunOnce(): Promise<void> {
  await load.stop();
  expect(load.accepted.size).toBe(load.sent.length);
  expect(await load.ends(system.api)).toEqual({ succeeded: load.accepted.size });
  const keys = [...load.accepted.values()].map((id) => [`${id}:call:1`, 1] as const);
  expect(target.timesByKey).toEqual(new Map(keys));
}
