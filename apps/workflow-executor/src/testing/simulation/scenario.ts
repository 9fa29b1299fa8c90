import { type WorkflowDefinition } from '@app/workflow-engine';
import { SeededRandom } from '@app/workflow-engine/testing';
import { DEFINITION } from './definitions.js';
import { type Fault, faultAt, type FaultMode, onlySlow, randomFaults } from './faults.js';
import { type Shared } from './simulated-deliveries.js';
import { CALM_AT_MS, Simulation } from './simulation.js';

/** What came of a simulation: without violations all is well. */
export interface Outcome {
  readonly violations: readonly string[];
  /** All that happened up to the first of them. */
  readonly trace: string;
  readonly storeCalls: number;
}

export interface Scenario {
  readonly definition: WorkflowDefinition;
  /** Called once, before anything happens. */
  readonly begin?: (simulation: Simulation) => void;
  /** What becomes of each run from outside. */
  readonly send?: (simulation: Simulation, random: SeededRandom, id: string) => void;
  readonly called?: WorkflowDefinition;
  readonly shared?: Shared;
  /** Asked when all are over and nothing was wrong. */
  readonly judge?: (simulation: Simulation) => void;
  /** How many of the runs that tasks ask for the workflow "called" does not want. */
  readonly unwantedShare?: number;
  /** Whether people switch the workflows off and on, unless it says otherwise. */
  readonly isSwitched?: boolean;
  /** Beside the first three. */
  readonly moreEvents?: number;
  /** Nothing goes wrong; what happens takes its time, and comes while something else is under way. */
  readonly isSlow?: boolean;
}

export async function simulateRuns(seed: number, scenario: Scenario): Promise<Outcome> {
  const { definition, begin, send, called, shared, judge } = scenario;
  const { moreEvents = 0, isSlow = false, isSwitched = true, unwantedShare } = scenario;
  const random = new SeededRandom(seed);
  let isOver = (): boolean => false;
  const faults = isSlow ? onlySlow(random) : randomFaults(random, () => isOver());
  const faultMode = (isCalm: boolean): FaultMode => (isCalm ? 'calm' : isSlow ? 'slow' : 'rough');
  // As an installation is by itself: with nothing else to tell, a run can be handed over to a worker.
  const tells = !isSlow || random.chance(0.3);
  const simulation = new Simulation(random, faults, { faultMode, tells, unwantedShare });
  isOver = () => simulation.isCalm;
  if (shared) simulation.have(shared);
  begin?.(simulation);
  await simulation.run(
    definition,
    3,
    () => {
      const accept = (): void => {
        const id = simulation.sender.accept();
        send?.(simulation, random, id);
      };
      const switching = new SeededRandom(~seed);
      for (const workflow of isSwitched ? ['workflow-1', ...(called ? ['called'] : [])] : [])
        simulation.switches.begin(workflow, switching, CALM_AT_MS);
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
      // What is handed over to workers stays so only while nobody asks for it.
      const pauseMs = isSlow ? random.pick(4_000, 30_000) : 4_000;
      for (let at = 0; at < CALM_AT_MS; at += 1 + random.below(pauseMs)) {
        simulation.time.after(at, () => {
          (isSlow ? disturb : injectFaults)(simulation, random);
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
    if (cancelAt > 0 && (call === cancelAt || call === cancelAt + 1)) simulation.sender.cancel();
  };
  const faults = faultAt(n, fault);
  // What takes place after its caller has looked for it is found when its lease runs out.
  const judgesLeases = fault !== 'late';
  const options = { onStoreCall, tells, judgesLeases };
  const simulation = new Simulation(new SeededRandom(seed), faults, options);
  await simulation.run(DEFINITION, 2, () => {
    simulation.sender.accept();
  });
  return outcomeOf(simulation);
}

/** As `injectFaults`, of what does no harm. */
function disturb({ sender }: Simulation, random: SeededRandom): void {
  switch (random.below(8)) {
    case 0:
      sender.redeliver();
      break;
    case 1:
      if (random.chance(0.3)) sender.cancelOften();
      break;
    default:
      sender.notify();
  }
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
      simulation.sender.redeliver();
      break;
    case 7:
      if (random.chance(0.4)) simulation.sender.cancelOften();
      break;
    case 8:
      simulation.sender.turnAway(1 + random.below(15_000));
      break;
    default:
      simulation.sender.notify();
  }
}

function outcomeOf({ trace, storeCalls }: Simulation): Outcome {
  return { violations: trace.violations, trace: trace.toString(), storeCalls };
}
