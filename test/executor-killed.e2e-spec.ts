import { jest } from '@jest/globals';
import { waitFor } from '../tools/project/wait-for.mjs';
import { type RestartableServer } from '../tools/servers/restartable-server.mjs';
import { appUrl } from '../tools/start/app-process.mjs';
import { ask } from './support/answer.js';
import { callingWorkflow } from './support/definitions.js';
import { type CreatedWorkflow, FlowApi } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { metricOf } from './support/metric.js';
import { runWorkflow, startWorkflow, taskOf } from './support/run-workflow.js';
import { SteadyLoad } from './support/steady-load.js';
import { TargetServer } from './support/target-server.js';

jest.setTimeout(300_000);

/** So that what a dead executor had is found soon. */
const SOON = { LEASE_MS: '3000', SWEEP_INTERVAL_MS: '200', NATS_ACK_WAIT_MS: '1000' };
const EVENT = { data: { n: 1 } };

let target: TargetServer;
let system: FlowSystem;
let workflow: CreatedWorkflow;

/** For the tests of one group; what a test ended is started again after it. */
function useSystem(executors: 1 | 2): void {
  beforeAll(async () => {
    system = await FlowSystem.start({ servers: 'shared', executors, executorEnv: SOON });
  });
  afterAll(() => system.stop());

  beforeEach(async () => {
    target = await TargetServer.start();
    workflow = await system.api.createWorkflow(callingWorkflow(target.url));
  });
  afterEach(async () => {
    for (const app of [...system.executors, system.listener]) {
      if (!app.process.isRunning) await app.restart();
    }
    await target.stop();
  });
}

describe('with one executor', () => {
  useSystem(1);

  describe('an executor that is killed', () => {
    it('between claim and result repeats the call with the same key after its restart', async () => {
      const id = await heldCall();
      const [executor] = system.executors;
      await executor.kill();

      target.replyWith(() => ({ status: 200, body: { answer: 'second' } }));
      await executor.restart();

      const activity = await system.api.untilFinal(id);
      expect(activity.status).toBe('succeeded');
      expect(taskOf(activity, 'call')).toMatchObject({
        attempt: 1,
        results: { body: { answer: 'second' } },
      });
      expect(target.timesByKey).toEqual(new Map([[`${id}:call:1`, 2]]));
    });

    it('repeatedly, under load, loses no event and uses each key for one call only', async () => {
      const [executor] = system.executors;
      target.replyWith(slowly);
      const load = new SteadyLoad(system.listenerUrl, workflow);
      for (let kills = 0; kills < 2; kills += 1) {
        const calls = target.calls.length;
        await waitFor('calls', () => (target.calls.length > calls + 20 ? true : undefined));
        await executor.kill();
        await executor.restart();
      }
      await load.stop();

      expect(load.accepted.size).toBe(load.sent.length);
      expect(await load.ends(system.api)).toEqual({ succeeded: load.accepted.size });
      const keys = [...load.accepted.values()].map((id) => `${id}:call:1`);
      expect(new Set(target.timesByKey.keys())).toEqual(new Set(keys));
    });
  });

  describe('a run of 1,000 tasks', () => {
    it('ends with all results, though its executor is killed while it waits', async () => {
      const large = await system.api.createWorkflow({ name: 'large', tasks: largeTasks() });
      const id = await startWorkflow(system, large, EVENT);
      await waitFor('the event to be waited for', async () => {
        const activity = await system.api.activity(id);
        const isWaiting = activity?.waitingFor?.some(({ kind }) => kind === 'event');
        return isWaiting === true ? true : undefined;
      });
      const [executor] = system.executors;
      await executor.kill();
      await executor.restart();
      await waitFor('the event to be taken', async () => {
        const url = `${system.listenerUrl}/api/v2/callback?ref=${id}&topic=go`;
        const told = await ask(url, { method: 'POST', token: large.token, body: { sum: 12 } });
        return told.status === 202 ? true : undefined;
      });

      const activity = await system.api.untilFinal(id);
      expect(activity).toMatchObject({ status: 'succeeded' });
      const names = ['start', ...Object.keys(largeTasks()), 'end'];
      expect(activity.tasks.map(({ name, status }) => `${name} ${status}`)).toEqual(
        names.map((name) => `${name} succeeded`),
      );
      expect(activity.results).toEqual(largeResults());
      const calls = Array.from({ length: 10 }, (_, at) => 100 * at + 50);
      expect(target.calls.map(({ path, body }) => `${path} ${body}`)).toEqual(
        calls.map((at) => `/${at} {"before":${at === 50 ? 0 : 200}}`),
      );
      expect(target.timesByKey).toEqual(
        new Map(calls.map((at) => [`${id}:step-${at}:1`, 1] as const)),
      );
    });
  });

  describe('a retry', () => {
    it('after a timeout repeats the key, because the outcome of the call is unknown', async () => {
      const impatient = { timeoutMs: 3_000, retry: RETRY };
      workflow = await system.api.createWorkflow(callingWorkflow(target.url, impatient));
      target.replyWith(() =>
        target.calls.length === 1 ? new Promise<never>(() => undefined) : { status: 200 },
      );
      const id = await startWorkflow(system, workflow, EVENT);

      const activity = await system.api.untilFinal(id);
      expect(taskOf(activity, 'call')).toMatchObject({ status: 'succeeded', attempt: 2 });
      expect(target.timesByKey).toEqual(new Map([[`${id}:call:1`, 2]]));
    });

    it('after a definite failure has a key of its own', async () => {
      workflow = await system.api.createWorkflow(callingWorkflow(target.url, { retry: RETRY }));
      target.replyWith(() => ({ status: target.calls.length === 1 ? 500 : 200 }));

      const { id } = await runWorkflow(system, workflow, EVENT);

      expect([...target.timesByKey.keys()]).toEqual([`${id}:call:1`, `${id}:call:2`]);
    });
  });

  describe('a listener that is killed', () => {
    it('has lost no accepted event', async () => {
      const load = new SteadyLoad(system.listenerUrl, workflow);
      await load.untilAnswered(202, 50);
      await system.listener.kill();
      await load.stop();

      expect(await load.ends(system.api)).toEqual({ succeeded: load.accepted.size });
      for (const times of target.timesByKey.values()) expect(times).toBe(1);
    });
  });
});

describe('two executors', () => {
  useSystem(2);

  it('take over the runs of one that is killed, with the same keys', async () => {
    const id = await heldCall();
    const { busy, other } = await byWork();
    await busy.kill();
    target.replyWith(() => ({ status: 200 }));

    expect(await apiOf(other).untilFinal(id)).toMatchObject({ status: 'succeeded' });
    expect(target.timesByKey).toEqual(new Map([[`${id}:call:1`, 2]]));
  });

  it('do not accept the late result of one that was paused for longer than its lease', async () => {
    const { release } = target.hold();
    const id = await startWorkflow(system, workflow, EVENT);
    await waitFor('the call', () => target.calls[0]);
    const { busy, other } = await byWork();
    busy.pause();
    target.replyWith(() => ({ status: 200, body: { answer: 'of the second' } }));
    const ended = await apiOf(other).untilFinal(id);

    release();
    busy.resume();
    await waitFor('the frozen one to let go', async () =>
      (await inHand(busy)) === 0 ? true : undefined,
    );

    expect(taskOf(ended, 'call')).toMatchObject({ results: { body: { answer: 'of the second' } } });
    expect(await apiOf(other).activity(id)).toEqual(ended);
    expect(target.timesByKey).toEqual(new Map([[`${id}:call:1`, 2]]));
  });
});

const RETRY = { attemptsMax: 3, backoff: 'fixed', delayMs: 50, delayMsMax: 50 };

/** Starts a run whose call has arrived and is not answered. */
async function heldCall(): Promise<string> {
  target.hold();
  const id = await startWorkflow(system, workflow, EVENT);
  await waitFor('the call', () => target.calls[0]);
  return id;
}

/** The executor that has the one activity in hand, and the one that has not. */
async function byWork(): Promise<{ busy: RestartableServer; other: RestartableServer }> {
  const [first, second] = system.executors;
  if (!second) throw new Error('This needs two executors');
  return (await inHand(first)) > 0
    ? { busy: first, other: second }
    : { busy: second, other: first };
}

function inHand({ port }: RestartableServer): Promise<number> {
  return metricOf(appUrl(port), 'flow_in_flight{what="activities"}');
}

function apiOf({ port }: RestartableServer): FlowApi {
  return new FlowApi(appUrl(port), system.adminToken);
}

function slowly(): Promise<{ status: number }> {
  return new Promise((resolve) => {
    setTimeout(() => {
      resolve({ status: 200 });
    }, 100);
  });
}

/** One after the other: most are done at once, some decide or call, one sleeps and one waits for an event. */
function largeTasks(): Readonly<Record<string, object>> {
  const steps = Array.from({ length: 998 }, (_, at) => {
    const needs = at > 0 && { needs: at % 100 === 21 ? { [step(at - 1)]: '1' } : step(at - 1) };
    return [step(at), { ...taskAt(at), ...needs }] as const;
  });
  return Object.fromEntries(steps);
}

function step(at: number): string {
  return `step-${at}`;
}

function taskAt(at: number): object {
  if (at === 300) return { sleep: '1s' };
  if (at === 500) return { 'wait-for-event': 'go' };
  if (at === 997) return keeping(at, '$(tasks.step-500.results.data)');
  if (at % 100 === 20) return { decision: '$(params.n)' };
  if (at % 100 === 51) return keeping(at, `$(tasks.${step(at - 1)}.results.statusCode)`);
  if (at % 100 !== 50) return keeping(at, at);
  const body = { before: at === 50 ? 0 : `$(tasks.${step(at - 100)}.results.statusCode)` };
  return { http: { method: 'POST', url: `${target.url}/${at}`, body } };
}

function keeping(at: number, value: unknown): object {
  return { 'set-property': { output: step(at), value } };
}

/** Of those that keep one. */
function largeResults(): Readonly<Record<string, unknown>> {
  const keeping = Array.from({ length: 998 }, (_, at) => at).filter(
    (at) => at !== 300 && at !== 500 && at % 100 !== 20 && at % 100 !== 50,
  );
  const valueOf = (at: number): unknown => (at === 997 ? { sum: 12 } : at % 100 === 51 ? 200 : at);
  return Object.fromEntries(keeping.map((at) => [step(at), valueOf(at)]));
}
