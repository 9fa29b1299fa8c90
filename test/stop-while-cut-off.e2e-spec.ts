import { jest } from '@jest/globals';
import { type RestartableServer } from '../tools/servers/restartable-server.mjs';
import { callingWorkflow } from './support/definitions.js';
import { FlowSystem } from './support/flow-system.js';
import { SteadyLoad } from './support/steady-load.js';
import { TargetServer } from './support/target-server.js';

jest.setTimeout(300_000);

const SHUTDOWN_MS = 15_000;
/** Beyond what the app allows itself: only a process that hangs is killed. */
const KILL_AFTER_MS = 60_000;

let target: TargetServer;
let system: FlowSystem;
let load: SteadyLoad;

beforeAll(async () => {
  target = await TargetServer.start();
  const env = { SHUTDOWN_MS_MAX: String(SHUTDOWN_MS) };
  system = await FlowSystem.start({ listenerEnv: env, executorEnv: env });
});

beforeEach(async () => {
  const workflow = await system.api.createWorkflow(callingWorkflow(target.url));
  load = new SteadyLoad(system.listenerUrl, workflow);
  await load.untilAnswered(202, 20);
});

afterEach(() => load.stop());

afterAll(async () => {
  await system.stop();
  await target.stop();
});

const STORES = {
  NATS: () => [system.nats],
  MongoDB: () => [system.mongod],
  both: () => [system.nats, system.mongod],
} satisfies Record<string, () => RestartableServer[]>;

describe.each(['kill', 'pause'] as const)('a graceful stop at the moment of a %s', (way) => {
  it.each(['NATS', 'MongoDB', 'both'] as const)(
    'of %s ends with exit code 0 and in time',
    async (of) => {
      const stores = STORES[of]();
      const apps = [system.listener, ...system.executors];
      const processes = apps.map((app) => app.process);

      const stopped = processes.map((process) => process.stop({ graceMs: KILL_AFTER_MS }));
      await Promise.all(stores.map(async (store) => store[way]()));
      await Promise.all(stopped);

      const ends = await Promise.all(processes.map((process) => process.ended));
      expect(ends).toEqual(ends.map(() => 'ended with exit code 0'));
      const logs = processes.map((process) => process.printed()).join('');
      expect(logs).not.toMatch(/took too long|step failed|was not caught/);

      for (const store of stores) {
        if (way === 'pause') store.resume();
        else await store.restart();
      }
      for (const app of apps.toReversed()) await app.restart();
    },
  );
});
