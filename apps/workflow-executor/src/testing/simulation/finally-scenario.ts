import { type WorkflowDefinition } from '@app/workflow-engine';
import { aDefinition, anHttpTask, aTask, type SeededRandom } from '@app/workflow-engine/testing';
import { cancelsVerdict } from './cancels-verdict.js';
import { after, CALLED, PATIENT, RETRY } from './definitions.js';
import { FinallyVerdict } from './finally-verdict.js';
import { judgeChildren } from './judge-children.js';
import { type Scenario } from './scenario.js';

/** The call that tells how the run has gone so far. */
const TELLS = 'tell';
const SO_FAR = '$(context.params.workflowrun-status)';

/**
 * Runs with tasks of `finally`, which are cancelled, time out and begin again, with a lock, a worker and runs of
 * another workflow on both sides of the end.
 */
export function finallyScenario(random: SeededRandom): Scenario {
  const definition = closing(random);
  let verdict: FinallyVerdict | undefined;
  return {
    definition,
    called: CALLED,
    shared: 'locks',
    begin: (simulation) => {
      verdict = new FinallyVerdict(simulation, definition, TELLS);
      simulation.watch(verdict);
      simulation.watch(cancelsVerdict(simulation.trace));
    },
    judge: (simulation) => {
      judgeChildren(simulation);
      verdict?.judgeEnd();
    },
  };
}

/** What fails ends the run, which keeps its lock until all is over. */
function closing(random: SeededRandom): WorkflowDefinition {
  const isCalling = random.chance(0.6);
  const main = [
    anHttpTask('one', ['start'], PATIENT),
    ...(random.chance(0.6) ? [aTask('hold', 'acquire-lock', ['start'], { key: 'door' })] : []),
    ...(isCalling ? [aTask('call', 'run-workflow', [after('one')], OTHER, PATIENT)] : []),
    ...(random.chance(0.4) ? [aTask('work', 'generic', ['start'], { queue: 'q' }, PATIENT)] : []),
  ];
  const last = [
    anHttpTask('clean', [], PATIENT),
    aTask(TELLS, 'http', [always('clean')], { ...TARGET, body: { soFar: SO_FAR } }, PATIENT),
    ...(random.chance(0.4) ? [aTask('undo', 'run-workflow', [], OTHER, PATIENT)] : []),
    ...(random.chance(0.3)
      ? [aTask('wipe', 'map', ['clean'], { ...OTHER, over: [1, 2, 3], maxParallel: 2 })]
      : []),
    ...(random.chance(0.3) ? [aTask('file', 'generic', [], { queue: 'q' }, PATIENT)] : []),
  ];
  const again = { ...RETRY, attemptsMax: 3, from: random.pick('failed', 'start') } as const;
  return aDefinition(
    [...main, ...last.map((task) => ({ ...task, finally: true as const }))],
    main.map(({ name }) => after(name)),
    {
      ...(random.chance(0.5) && { retry: again }),
      ...(random.chance(0.4) && { timeoutMs: 1 + random.below(40_000) }),
    },
  );
}

const TARGET = { url: 'https://example.org/tell', method: 'POST' } as const;
const OTHER = { workflow: 'called' } as const;

function always(taskRef: string): { taskRef: string; executionCondition: 'always' } {
  return { taskRef, executionCondition: 'always' };
}
