import { type Signal, type WorkflowDefinition } from '@app/workflow-engine';
import { aDefinition, anHttpTask, SeededRandom } from '@app/workflow-engine/testing';
import {
  CALLED,
  CALLING,
  DEFINITION,
  LOCKING,
  OPERATED,
  PATIENT,
  SIGNALLED,
  WORKING,
} from './definitions.js';
import { judgeChildren } from './judge-children.js';
import { judgeTurnedAway } from './judge-slots.js';
import { type Fault, faultAt, randomFaults } from './faults.js';
import { type Shared } from './simulated-deliveries.js';
import { SimulatedOperator } from './simulated-operator.js';
import { CALM_AT_MS, Simulation } from './simulation.js';

/** What came of a simulation: without violations all is well. */
export interface Outcome {
  readonly violations: readonly string[];
  /** All that happened up to the first of them. */
  readonly trace: string;
  readonly storeCalls: number;
}

/**
 * Of one or two runs at a time; who finds no slot waits, or gives way, or others do. A run that failed begins
 * again, with what failed.
 */
function slotted(random: SeededRandom): WorkflowDefinition {
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
  const again = { attemptsMax: 3, backoff: 'fixed', delayMs: 3_000, delayMsMax: 3_000 } as const;
  const tasks = [anHttpTask('one'), anHttpTask('then', ['one'], PATIENT)];
  return aDefinition(tasks, ['then'], { concurrency, retry: again });
}

/** Three executors that pause, are cut off, killed and stopped, while calls of the store go wrong. */
export function simulateSeed(seed: number): Promise<Outcome> {
  return simulateRuns(seed, { definition: DEFINITION });
}

/** The same with runs that wait for signals, which come early, late and more than once. */
export function simulateSignals(seed: number): Promise<Outcome> {
  return simulateRuns(seed, { definition: SIGNALLED, send: sendSignals });
}

/** The same with runs that begin others, wait for them and are cancelled. */
export function simulateChildren(seed: number): Promise<Outcome> {
  return simulateRuns(seed, { definition: CALLING, called: CALLED, judge: judgeChildren });
}

/** The same with runs that want one lock, and have work for workers. */
export function simulateLocks(seed: number): Promise<Outcome> {
  return simulateRuns(seed, { definition: LOCKING, shared: 'locks' });
}

/** The same with chains of tasks for workers, whose answers come to any executor, and again. */
export function simulateAnswers(seed: number): Promise<Outcome> {
  return simulateRuns(seed, { definition: WORKING, shared: 'queue' });
}

/** The same with operators, who have tasks tried again, complete, fail and skip them. */
export async function simulateOperators(seed: number): Promise<Outcome> {
  let operator: SimulatedOperator | undefined;
  return simulateRuns(seed, {
    definition: OPERATED,
    send: (simulation, random, id) => {
      operator ??= new SimulatedOperator(simulation, random);
      operator.attend(id);
    },
    judge: () => operator?.judgeEnd(),
  });
}

/** The same with runs of which so many may be under way, and that begin again when they failed. */
export function simulateSlots(seed: number): Promise<Outcome> {
  const definition = slotted(new SeededRandom(seed));
  const { whenFull = 'queue', debounceMs } = definition.concurrency ?? {};
  const mayTurnAway = whenFull !== 'queue' || debounceMs !== undefined;
  const judge = (simulation: Simulation): void => {
    judgeTurnedAway(simulation, mayTurnAway);
  };
  return simulateRuns(seed, { definition, send: resume, shared: 'slots', judge, moreEvents: 4 });
}

interface Scenario {
  readonly definition: WorkflowDefinition;
  /** What becomes of each run from outside. */
  readonly send?: (simulation: Simulation, random: SeededRandom, id: string) => void;
  readonly called?: WorkflowDefinition;
  readonly shared?: Shared;
  /** Asked when all are over and nothing was wrong. */
  readonly judge?: (simulation: Simulation) => void;
  /** Beside the first three. */
  readonly moreEvents?: number;
}

async function simulateRuns(seed: number, scenario: Scenario): Promise<Outcome> {
  const { definition, send, called, shared, judge, moreEvents = 0 } = scenario;
  const random = new SeededRandom(seed);
  let isOver = (): boolean => false;
  const simulation = new Simulation(
    random,
    randomFaults(random, () => isOver()),
  );
  isOver = () => simulation.isCalm;
  if (shared) simulation.have(shared);
  await simulation.run(
    definition,
    3,
    () => {
      const accept = (): void => {
        const id = simulation.accept();
        send?.(simulation, random, id);
      };
      accept();
      for (const at of [random.below(20_000), random.below(40_000)]) {
        simulation.time.after(at, accept);
      }
      for (let more = 0; more < moreEvents; more += 1) {
        simulation.time.after(random.below(30_000), accept);
      }
      // Of the newer build: the others may all be of the older one by then.
      simulation.time.after(CALM_AT_MS, () => {
        simulation.fleet.launch();
      });
      for (let at = 0; at < CALM_AT_MS; at += 1 + random.below(4_000)) {
        simulation.time.after(at, () => {
          injectFaults(simulation, random);
        });
      }
    },
    CALM_AT_MS,
    called,
  );
  if (simulation.trace.violations.length === 0) judge?.(simulation);
  return outcomeOf(simulation);
}

/**
 * Two executors and one activity; the `n`th call of the store goes wrong, and nothing else.
 *
 * @param cancelAt before which call of the store, and before the next, somebody cancels it; 0: never
 * @param tells whether each of its statuses is told
 */
export async function simulateFault(
  seed: number,
  n: number,
  fault: Fault,
  cancelAt: number,
  tells = false,
): Promise<Outcome> {
  const onStoreCall = (call: number): void => {
    if (cancelAt > 0 && (call === cancelAt || call === cancelAt + 1)) simulation.cancel();
  };
  const faults = faultAt(n, fault);
  const simulation = new Simulation(new SeededRandom(seed), faults, onStoreCall, tells);
  await simulation.run(DEFINITION, 2, () => {
    simulation.accept();
  });
  return outcomeOf(simulation);
}

function injectFaults(simulation: Simulation, random: SeededRandom): void {
  switch (random.below(11)) {
    case 0:
    case 1:
      simulation.fleet.pause(1 + random.below(25_000));
      break;
    case 2:
    case 3:
      simulation.fleet.cutOff(1 + random.below(20_000));
      break;
    case 4:
      simulation.fleet.kill();
      break;
    case 5:
      simulation.fleet.stop();
      break;
    case 6:
      simulation.redeliver();
      break;
    case 7:
      if (random.chance(0.4)) cancelOften(simulation, random);
      break;
    case 8:
      simulation.turnAway(1 + random.below(15_000));
      break;
    default:
      simulation.notify();
  }
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
        simulation.signal(id, signal);
      });
    }
  }
}

/** Now and then somebody has no patience with a run that waits for its next attempt. */
function resume(simulation: Simulation, random: SeededRandom, id: string): void {
  if (!random.chance(0.3)) return;
  const sent = { id: `${id}:resume`, at: simulation.time.now, by: 'ada', reason: 'now' };
  simulation.time.after(random.below(30_000), () => {
    simulation.signal(id, { ...sent, kind: 'resume' });
  });
}

/** Several who want the same at the same time. */
function cancelOften(simulation: Simulation, random: SeededRandom): void {
  const { id } = simulation.anyActivity();
  for (let times = random.pick(1, 2, 4); times > 0; times -= 1) {
    simulation.time.after(random.below(40), () => {
      simulation.cancel(id);
    });
  }
}

function outcomeOf({ trace, storeCalls }: Simulation): Outcome {
  return { violations: trace.violations, trace: trace.toString(), storeCalls };
}
