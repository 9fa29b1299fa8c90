import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { jest } from '@jest/globals';
import { waitFor } from '../tools/project/wait-for.mjs';
import { type RestartableServer } from '../tools/servers/restartable-server.mjs';
import { appUrl } from '../tools/start/app-process.mjs';
import { chain, keepingWorkflow } from './support/definitions.js';
import { type CreatedWorkflow, FlowApi } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { metricOf, metricsOf } from './support/metric.js';
import { SteadyLoad } from './support/steady-load.js';

jest.setTimeout(300_000);

const NEWER = changedBy('one-more-type.mjs');
const OLDER = changedBy('one-language-less.mjs');
const COMMON = { LEASE_MS: '2000', SWEEP_INTERVAL_MS: '200' };
const EACH = 50;

function changedBy(file: string): { readonly NODE_OPTIONS: string } {
  const change = path.resolve(import.meta.dirname, '../tools/other-builds', file);
  return { NODE_OPTIONS: `--import=${pathToFileURL(change).href}` };
}

/** Two releases on the same stores: the older one has neither tasks of type `teleport` nor language version 4. */
describe.each([
  ['NATS, the listener knows the older one', 'nats', 'older first'],
  ['HTTP, to the older one alone', 'http', 'older first'],
  ['NATS, the listener knows the newer one', 'nats', 'newer first'],
] as const)('while an upgrade goes on, over %s', (_, driver, order) => {
  let system: FlowSystem;
  let older: RestartableServer;
  let newer: RestartableServer;
  let api: FlowApi;
  let sleeping: CreatedWorkflow;
  let typed: CreatedWorkflow;
  let plain: CreatedWorkflow;

  beforeAll(async () => {
    const [first, second] = order === 'older first' ? [OLDER, NEWER] : [NEWER, OLDER];
    system = await FlowSystem.start({
      driver,
      servers: 'shared',
      executors: 2,
      executorEnv: { ...COMMON, ...first },
      secondExecutorEnv: second,
    });
    const [one, other] = system.executors;
    if (!other) throw new Error('There are two executors');
    [older, newer] = order === 'older first' ? [one, other] : [other, one];
    api = new FlowApi(appUrl(newer.port), system.adminToken);
  });

  beforeEach(async () => {
    const name = randomUUID();
    sleeping = await api.createWorkflow(
      chain(`sleeping-${name}`, [{ name: 'nap', type: 'teleport' }]),
    );
    const params = [{ name: 'key', type: 'string', default: 'none' }];
    typed = await api.createWorkflow(keepingWorkflow(`typed-${name}`, { params }));
    plain = await api.createWorkflow(keepingWorkflow(`plain-${name}`));
  });

  afterAll(async () => {
    await system.stop();
  });

  it('every run succeeds, also those that only the newer build can take', async () => {
    const loads = [sleeping, typed, plain].map(
      (workflow) => new SteadyLoad(system.listenerUrl, workflow),
    );
    await Promise.all(loads.map((load) => load.untilAnswered(202, EACH)));
    await Promise.all(loads.map((load) => load.stop()));

    for (const load of loads)
      expect(await load.ends(api)).toEqual({ succeeded: load.accepted.size });
    expect(await metricOf(appUrl(older.port), 'flow_waiting_for_build')).toBe(0);
  });

  it('runs that the older build lacks a type or the language for wait for the newer one, say so, and delay no others', async () => {
    await newer.process.stop();
    const loads = [sleeping, typed, plain].map(
      (workflow) => new SteadyLoad(system.listenerUrl, workflow),
    );
    await Promise.all(loads.map((load) => load.untilAnswered(202, EACH)));
    await Promise.all(loads.map((load) => load.stop()));
    const [teleports, types, others] = loads as [SteadyLoad, SteadyLoad, SteadyLoad];
    const waiting = [
      [teleports, 'task:teleport'],
      [types, 'language:4'],
    ] as const;
    const ofOlder = new FlowApi(appUrl(older.port), system.adminToken);

    expect(await others.ends(ofOlder)).toEqual({ succeeded: others.accepted.size });
    for (const [{ accepted }, lacks] of waiting) {
      const id = accepted.values().next().value ?? '';
      expect(await ofOlder.activity(id)).toMatchObject({
        status: 'queued',
        waitingFor: [{ kind: 'build', what: expect.stringContaining(lacks) as string }],
      });
    }
    await waitFor('the metric', async () => {
      const lacking = await metricOf(appUrl(older.port), 'flow_waiting_for_build');
      return lacking === teleports.accepted.size + types.accepted.size ? true : undefined;
    });
    expect(await metricsOf(appUrl(older.port), 'flow_dead_letters_total')).toBe(0);

    await newer.restart();
    for (const [load] of waiting)
      expect(await load.ends(api)).toEqual({ succeeded: load.accepted.size });
  });
});
