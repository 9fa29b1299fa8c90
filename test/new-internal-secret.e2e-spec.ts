import { randomBytes } from 'node:crypto';
import { jest } from '@jest/globals';
import { appUrl } from '../tools/start/app-process.mjs';
import { keepingWorkflow } from './support/definitions.js';
import { FlowSystem } from './support/flow-system.js';
import { Records } from './support/records.js';
import { SteadyLoad } from './support/steady-load.js';

jest.setTimeout(300_000);

const OLD = randomBytes(32).toString('hex');
const NEW = randomBytes(32).toString('hex');

/** Answers that each step of the replacement waits for. */
const EVENTS = 15;

describe.each(['nats', 'http'] as const)('a new INTERNAL_SECRET over %s', (driver) => {
  let env: Readonly<Record<string, string>> = { INTERNAL_SECRET: OLD };
  let system: FlowSystem;
  let records: Records;

  beforeAll(async () => {
    system = await FlowSystem.start({
      driver,
      servers: 'shared',
      executors: 2,
      listeners: 2,
      envOfEach: () => env,
    });
    records = new Records(system.mongodbUrl);
  });

  afterAll(async () => {
    await records.close();
    await system.stop();
  });

  it('is set process by process under load, and no event is lost or refused', async () => {
    const [first, second = first] = system.executors;
    const [one, other = one] = system.listeners;
    const loads = await Promise.all(
      system.listeners.map(async ({ port }, at) => {
        const workflow = keepingWorkflow(`rotation-${driver}-${at}`);
        return new SteadyLoad(appUrl(port), await system.api.createWorkflow(workflow));
      }),
    );
    const untilAnswered = (): Promise<unknown> =>
      Promise.all(loads.map((load) => load.untilAnswered(202, EVENTS)));
    await untilAnswered();

    // The old one and both: whoever signs with the new one meets some who have it and some who do not.
    env = { INTERNAL_SECRET: NEW, INTERNAL_SECRET_PREVIOUS: OLD };
    for (const process of [first, one, second, other]) {
      await process.restart();
      await untilAnswered();
    }
    // Both and the new one.
    env = { INTERNAL_SECRET: NEW };
    for (const process of [other, second, one, first]) {
      await process.restart();
      await untilAnswered();
    }

    for (const load of loads) {
      await load.stop();
      const answered = load.sent.flatMap(({ answer }) => (answer ? [answer.status] : []));
      expect(new Set(answered)).toEqual(new Set([202]));
      expect(await load.ends(system.api)).toEqual({ succeeded: load.accepted.size });
    }
    expect(await records.deadLetters()).toEqual([]);
    const logs = await system.logs();
    expect(logs).not.toContain('SIGNATURE_INVALID');
    expect(logs).not.toContain('answered 403');
    expect(logs).not.toContain(NEW);
  });

  it('is reported when a listener still has only the former one, and its recorded events run later', async () => {
    const workflow = await system.api.createWorkflow(keepingWorkflow(`forgotten-${driver}`));
    env = { INTERNAL_SECRET: OLD };
    await system.listener.restart();
    const load = new SteadyLoad(system.listenerUrl, workflow);
    await load.untilAnswered(202, 1);
    await load.stop();

    // What is on record runs all the same, when a sweeper finds it.
    expect(await load.ends(system.api)).toEqual({ succeeded: load.accepted.size });
    const logs = await system.logs();
    expect(logs).toMatch(driver === 'http' ? /answered 403/ : /DISPATCH_SIGNATURE_INVALID/);
  });
});
