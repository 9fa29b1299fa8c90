import { type Signal, type WorkflowDefinition } from '@app/workflow-engine';
import { aDefinition, anHttpTask, aTask, SeededRandom } from '@app/workflow-engine/testing';
import { judgeChildren } from './judge-children.js';
import { type Fault, faultAt, randomFaults } from './faults.js';
import { CALM_AT_MS, Simulation } from './simulation.js';

const RETRY = { attemptsMax: 4, backoff: 'fixed', delayMs: 400, delayMsMax: 400 } as const;
const PATIENT = { retry: RETRY, timeoutMs: 15_000 } as const;
const DEFINITION: WorkflowDefinition = aDefinition(
  [
    anHttpTask('one', ['start'], PATIENT),
    aTask('two', 'event', ['start'], { url: 'https://example.org/two', type: 'done' }, PATIENT),
    anHttpTask('then', ['one', 'two'], PATIENT),
  ],
  ['then'],
);

/**
 * Calls, and waits for events, people, time and a lock, which it gives back when it ends, in whatever
 * way. It can end only when each signal was applied.
 */
const SIGNALLED: WorkflowDefinition = aDefinition(
  [
    anHttpTask('one', ['start'], PATIENT),
    aTask('paid', 'topic', ['start'], { topic: 'money' }),
    aTask('paid-again', 'topic', ['paid', 'one'], { topic: 'money' }),
    aTask('ask', 'votes', ['one'], { count: 2 }),
    aTask('sleep', 'timer', ['paid'], { ms: 4_000 }),
    aTask('hold', 'lock', ['start'], { lock: 'door' }),
    anHttpTask('then', ['paid-again', 'ask', 'sleep', 'hold'], PATIENT),
  ],
  ['then'],
);

/** Begins a run of another workflow, which may fail, and again if it does; both call. */
const CALLING: WorkflowDefinition = aDefinition(
  [
    anHttpTask('one', ['start'], PATIENT),
    aTask('call', 'run-workflow', ['one'], { workflow: 'called', params: { a: 1 } }, PATIENT),
    aTask('leave', 'run-workflow', ['start'], { workflow: 'called', onCancel: 'leave' }),
    aTask('begin', 'run-workflow', ['start'], { workflow: 'called', wait: false }),
    aTask('each', 'map', ['start'], { over: [1, 2, 3, 4], workflow: 'called', maxParallel: 2 }),
    anHttpTask('then', ['call', 'leave', 'begin', 'each'], PATIENT),
  ],
  ['then'],
);
/** One after the other alone with a lock, and a worker beside. */
const LOCKING: WorkflowDefinition = aDefinition(
  [
    aTask('hold', 'acquire-lock', ['start'], { key: 'door' }),
    anHttpTask('inside', ['hold'], PATIENT),
    aTask('free', 'release-lock', ['inside'], { key: 'door' }),
    aTask('work', 'generic', ['start'], { queue: 'q' }, { retry: RETRY }),
    anHttpTask('then', ['free', 'work'], PATIENT),
  ],
  ['then'],
);
const CALLED: WorkflowDefinition = aDefinition([anHttpTask('one'), anHttpTask('two', ['one'])]);

/** What came of a simulation: without violations all is well. */
export interface Outcome {
  readonly violations: readonly string[];
  /** All that happened up to the first of them. */
  readonly trace: string;
  readonly storeCalls: number;
}

/** Three executors that pause, are cut off, killed and stopped, while calls of the store go wrong. */
export function simulateSeed(seed: number): Promise<Outcome> {
  return simulateRuns(seed, DEFINITION, () => undefined);
}

/** The same with runs that wait for signals, which come early, late and more than once. */
export function simulateSignals(seed: number): Promise<Outcome> {
  return simulateRuns(seed, SIGNALLED, sendSignals);
}

/** The same with runs that begin others, wait for them and are cancelled. */
export function simulateChildren(seed: number): Promise<Outcome> {
  return simulateRuns(seed, CALLING, () => undefined, CALLED);
}

/** The same with runs that want one lock, and have work for workers. */
export function simulateLocks(seed: number): Promise<Outcome> {
  return simulateRuns(seed, LOCKING, () => undefined, undefined, true);
}

type Sending = (simulation: Simulation, random: SeededRandom, id: string) => void;

async function simulateRuns(
  seed: number,
  definition: WorkflowDefinition,
  send: Sending,
  called?: WorkflowDefinition,
  hasLocks = false,
): Promise<Outcome> {
  const random = new SeededRandom(seed);
  let isOver = (): boolean => false;
  const simulation = new Simulation(
    random,
    randomFaults(random, () => isOver()),
  );
  isOver = () => simulation.isCalm;
  if (hasLocks) simulation.haveLocks();
  await simulation.run(
    definition,
    3,
    () => {
      const accept = (): void => {
        send(simulation, random, simulation.accept());
      };
      accept();
      for (const at of [random.below(20_000), random.below(40_000)]) {
        simulation.time.after(at, accept);
      }
      // Of the newer build: the others may all be of the older one by then.
      simulation.time.after(CALM_AT_MS, () => {
        simulation.launch();
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
  if (called && simulation.trace.violations.length === 0) judgeChildren(simulation);
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
      simulation.pause(1 + random.below(25_000));
      break;
    case 2:
    case 3:
      simulation.cutOff(1 + random.below(20_000));
      break;
    case 4:
      simulation.kill();
      break;
    case 5:
      simulation.stop();
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
