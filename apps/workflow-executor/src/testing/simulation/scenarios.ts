import { isFinal, type Signal, type WorkflowDefinition } from '@app/workflow-engine';
import { aDefinition, anHttpTask, SeededRandom } from '@app/workflow-engine/testing';
import { attended, type Client } from './attended.js';
import { cancelsVerdict } from './cancels-verdict.js';
import {
  CALLED,
  CALLING,
  DEFINITION,
  FAILING,
  locking,
  OPERATED,
  PATIENT,
  SIGNALLED,
  WORKING,
} from './definitions.js';
import { finallyScenario } from './finally-scenario.js';
import { judgeChildren } from './judge-children.js';
import { judgeRejected } from './judge-slots.js';
import { type Outcome, type Scenario, simulateRuns } from './scenario.js';
import { SimulatedOperator } from './simulated-operator.js';
import { SimulatedRetrier } from './simulated-retrier.js';
import { ROTATIONS } from './rotation-scenario.js';
import { SECRETS } from './secrets-scenario.js';
import { type Simulation } from './simulation.js';
import { mapsScenario } from './maps-scenario.js';
import { waitsScenario } from './waits-scenario.js';

/**
 * Of one or two runs at a time; who finds no slot waits, or gives way, or others do. A run that failed begins
 * again, with what failed.
 */
function limited(random: SeededRandom): WorkflowDefinition {
  const whenFull = random.pick(
    ...(['queue', 'cancel-running', 'cancel-new', 'replace-waiting', 'join-waiting'] as const),
  );
  const keepsOthers = whenFull === 'cancel-new' || whenFull === 'join-waiting';
  const concurrency = {
    limit: 1 + random.below(2),
    whenFull,
    ...(!keepsOthers && random.chance(0.2) && { debounceMs: 1 + random.below(5_000) }),
    ...(random.chance(0.2) && { throttleMs: 1 + random.below(5_000) }),
  };
  const key = random.chance(0.5) && { key: '$(params.customer)' };
  const again = { attemptsMax: 3, backoff: 'fixed', delayMs: 3_000, delayMsMax: 3_000 } as const;
  const tasks = [anHttpTask('one'), anHttpTask('then', ['one'], PATIENT)];
  return aDefinition(tasks, ['then'], { concurrency: { ...concurrency, ...key }, retry: again });
}

/** Three executors that pause, are cut off, killed and stopped, while calls of the store go wrong. */
export function simulateSeed(seed: number): Promise<Outcome> {
  return simulateRuns(seed, { definition: DEFINITION });
}

/** The same with runs that wait for signals, which come early, late and more than once. */
export function simulateSignals(seed: number): Promise<Outcome> {
  return simulateRuns(seed, SIGNALS);
}

/** The same with runs that wait for events by key, and for people, until their time is over. */
export function simulateWaits(seed: number): Promise<Outcome> {
  return simulateRuns(seed, waitsScenario());
}

/** The same with runs that map lists. */
export function simulateMaps(seed: number): Promise<Outcome> {
  const random = new SeededRandom(seed);
  const scenario = mapsScenario(random);
  return simulateRuns(seed, random.chance(0.3) ? attended(SimulatedOperator, scenario) : scenario);
}

/** The same with runs that have a secret parameter. */
export function simulateSecrets(seed: number): Promise<Outcome> {
  return simulateRuns(seed, SECRETS);
}

/** The same with runs of an installation whose parameters and secrets change. */
export function simulateRotations(seed: number): Promise<Outcome> {
  return simulateRuns(seed, ROTATIONS);
}

/** The same with runs that begin others, wait for them and are cancelled. */
export function simulateChildren(seed: number): Promise<Outcome> {
  return simulateRuns(seed, CHILDREN);
}

/** The same with runs that want one lock, and have work for workers. */
export function simulateLocks(seed: number): Promise<Outcome> {
  return simulateRuns(seed, locks(new SeededRandom(seed)));
}

/** The same with chains of tasks for workers, whose answers come to any executor, and again. */
export function simulateAnswers(seed: number): Promise<Outcome> {
  return simulateRuns(seed, ANSWERS);
}

/** The same with operators, who have tasks tried again, complete, fail and skip them. */
export function simulateOperators(seed: number): Promise<Outcome> {
  return simulateRuns(seed, attended(SimulatedOperator, { definition: OPERATED }));
}

/** The same with runs that failed and are tried again, as other runs. */
export function simulateRetries(seed: number): Promise<Outcome> {
  return simulateRuns(seed, attended(SimulatedRetrier, { definition: FAILING }));
}

/** The same with runs that have tasks of `finally`. */
export function simulateFinally(seed: number): Promise<Outcome> {
  const random = new SeededRandom(seed);
  const scenario = finallyScenario(random);
  const client = random.pick<Client | undefined>(undefined, SimulatedRetrier, SimulatedOperator);
  return simulateRuns(seed, client ? attended(client, scenario) : scenario);
}

/** The same with runs of which so many may be under way, and that begin again when they failed. */
export function simulateSlots(seed: number): Promise<Outcome> {
  return simulateRuns(seed, slotted(new SeededRandom(seed)));
}

/** Any of these where nothing goes wrong, so that no lease may ever run out. */
export function simulateSlowness(seed: number): Promise<Outcome> {
  const random = new SeededRandom(seed);
  const scenario = random.pick(
    SIGNALS,
    CHILDREN,
    locks(random),
    ANSWERS,
    ANSWERS,
    ANSWERS,
    attended(SimulatedOperator, { definition: OPERATED }),
    slotted(random),
  );
  return simulateRuns(seed, { ...scenario, isSlow: true });
}

const SIGNALS: Scenario = { definition: SIGNALLED, send: sendSignals };
const CHILDREN: Scenario = {
  ...{ definition: CALLING, called: CALLED },
  begin: (simulation) => {
    simulation.watch(cancelsVerdict(simulation.trace));
  },
  send: attendLater,
  judge: judgeChildren,
};
const ANSWERS: Scenario = { definition: WORKING, shared: 'queue' };

function locks(random: SeededRandom): Scenario {
  const scenario: Scenario = { definition: locking(random), shared: 'locks' };
  return random.chance(0.3) ? attended(SimulatedOperator, scenario) : scenario;
}

function slotted(random: SeededRandom): Scenario {
  const definition = limited(random);
  const { whenFull = 'queue', debounceMs } = definition.concurrency ?? {};
  const mayReject = whenFull !== 'queue' || debounceMs !== undefined;
  const judge = (simulation: Simulation): void => {
    judgeRejected(simulation, mayReject);
  };
  return { definition, send: resume, shared: 'slots', judge, moreEvents: 4 };
}

/** Each signal once or more, at any time, the same ones under the same ids. */
function sendSignals(simulation: Simulation, random: SeededRandom, id: string): void {
  const sent = { at: simulation.time.now };
  const signals: readonly Signal[] = [
    { ...sent, id: `${id}:first`, kind: 'event', topic: 'money', payload: 'first' },
    { ...sent, id: `${id}:second`, kind: 'event', topic: 'money', payload: 'second' },
    { ...sent, id: `${id}:ada`, kind: 'vote', task: 'ask', by: 'ada', verdict: 'approved' },
    { ...sent, id: `${id}:lock`, kind: 'lock-granted', task: 'hold', attempt: 1, lock: 'door' },
    { ...sent, id: `${id}:bob`, kind: 'vote', task: 'ask', by: 'bob', verdict: 'approved' },
  ];
  for (const signal of signals) {
    for (let times = random.pick(1, 1, 2, 4); times > 0; times -= 1) {
      simulation.time.after(random.below(random.pick(20, 2_000, 40_000)), () => {
        simulation.sender.signal(id, signal);
      });
    }
  }
}

/** Runs that begin later are sent events before; and what is to begin when nobody looks any more is cancelled. */
function attendLater(simulation: Simulation, random: SeededRandom, id: string): void {
  const { activities, fleet, records, sender, time } = simulation;
  const again = (): void => {
    for (const { id: child, parent, notBefore } of activities) {
      const isOver = isFinal(records.peek(child)?.status ?? 'queued');
      if (isOver || parent?.activity !== id || notBefore === undefined) continue;
      const event = { id: `${child}:${time.now}`, at: time.now, kind: 'event' } as const;
      if (random.chance(0.5)) sender.signal(child, { ...event, topic: 'nobody waits for' });
      else if (parent.task === 'far') sender.cancel(child);
      // Once the signal is on record.
      time.after(1, () => {
        fleet.any().executor.deliver(child);
      });
    }
    time.after(1 + random.below(10_000), again);
  };
  again();
}

/** Now and then somebody has no patience with a run that waits for its next attempt. */
function resume(simulation: Simulation, random: SeededRandom, id: string): void {
  if (!random.chance(0.3)) return;
  const sent = { id: `${id}:resume`, at: simulation.time.now, by: 'ada', reason: 'now' };
  simulation.time.after(random.below(30_000), () => {
    simulation.sender.signal(id, { ...sent, kind: 'resume' });
  });
}
