import { SeededRandom } from '@app/workflow-engine/testing';
import { jest } from '@jest/globals';
import { say } from '../../tools/project/say.mjs';
import { type CreatedWorkflow } from '../support/flow-api.js';
import { FlowSystem } from '../support/flow-system.js';
import { TargetServer } from '../support/target-server.js';
import { ActivityLedger } from './activity-ledger.js';
import { again, chaosSettings } from './chaos-settings.js';
import { CALLING_TASKS, chaosWorkflows } from './chaos-workflows.js';
import { ingressProblems, type Outage } from './ingress-verdict.js';
import { EventSenders } from './event-sender.js';
import { figuresOf } from './figures.js';
import { Intruders } from './intruders.js';
import { type InjectedFault, FaultInjector } from './fault-injector.js';
import { RequestLog } from './request-log.js';
import { SideEffects } from './side-effects.js';
import { SilenceWatch } from './silence-watch.js';
import { brokenPromises } from './verdict.js';

const settings = chaosSettings();

/** The start, restarts that take long, and what is left to do when the load ends. */
const REST_OF_THE_RUN_MS = 360_000;
jest.setTimeout(settings.loadMs + REST_OF_THE_RUN_MS);

/** What a lost dispatch waits for is 30 s; the rest is for a machine that is busy. */
const SETTLED_MS_MAX = 180_000;

/** Shorter than in production, so that a run has many recoveries. */
const EXECUTOR_ENV = {
  LEASE_MS: '2000',
  SWEEP_INTERVAL_MS: '100',
  NATS_ACK_WAIT_MS: '2000',
  NATS_STUCK_MS: '3000',
};

let target: TargetServer;
let system: FlowSystem;

beforeAll(async () => {
  // At the beginning, so that it is there however the run ends.
  say(`chaos: ${again(settings)}`);
  target = await TargetServer.start();
  system = await FlowSystem.start({
    servers: settings.cluster ? 'cluster' : 'own',
    executors: 2,
    executorEnv: EXECUTOR_ENV,
  });
});

afterAll(async () => {
  await system.stop();
  await target.stop();
});

describe('under load, while processes are killed and paused and their data is deleted', () => {
  it(`every accepted event ends once (${again(settings)})`, async () => {
    const dice = (nth: number): SeededRandom => new SeededRandom(settings.seed * 10 + nth);
    const effects = new SideEffects(target, dice(0));
    const workflows = await createWorkflows();
    const ledger = new ActivityLedger(system, workflows);
    const requests = new RequestLog();
    const senders = new EventSenders(system.listenerUrl, workflows, dice(1), requests);
    const intruders = new Intruders(system.listenerUrl, workflows, dice(4), requests);
    const silence = new SilenceWatch(() => ledger.silentOnes());
    const faults = new FaultInjector({
      system,
      dice: { apps: dice(2), stores: dice(3) },
      loadMs: settings.loadMs,
      lane: settings.lane,
      untilRecorded: () => ledger.untilRecorded(senders.events),
      untilAccepting: () => senders.untilAccepting(),
    });

    await faults.run();
    await Promise.all([senders.stop(), intruders.stop()]);
    const unfinished = await ledger.untilFinal(SETTLED_MS_MAX);
    const silent = await silence.stop();
    const evidence = {
      events: senders.events,
      exchanges: requests.exchanges,
      outages: outagesAmong(faults.injected),
      activities: await ledger.read(),
      effects: effects.byKey,
      callingTasks: CALLING_TASKS,
    };

    const broken = [...brokenPromises(evidence), ...ingressProblems(evidence)];
    const { injected, surprises } = faults;
    say(figuresOf({ settings, evidence, injected, looks: silence.looks }));
    expect({ broken, silent, unfinished, surprises }).toEqual({
      broken: [],
      silent: [],
      unfinished: [],
      surprises: [],
    });
    expect(silence.looks).toBeGreaterThan(0);
  });
});

function outagesAmong(injected: readonly InjectedFault[]): readonly Outage[] {
  return injected.flatMap(({ fault, from, downUntil }) =>
    fault.kind === 'outage' ? [{ of: fault.of, from, to: downUntil }] : [],
  );
}

async function createWorkflows(): Promise<readonly CreatedWorkflow[]> {
  const created: CreatedWorkflow[] = [];
  for (const workflow of chaosWorkflows(target.url)) {
    created.push(await system.api.createWorkflow(workflow));
  }
  return created;
}
