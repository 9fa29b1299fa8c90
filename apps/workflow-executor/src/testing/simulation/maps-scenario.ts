import { childActivityIdOf } from '@app/events';
import { type Activity, type ActivityCommit } from '@app/persistence';
import { isFinal, type TaskState, type WorkflowDefinition } from '@app/workflow-engine';
import { aDefinition, anHttpTask, aTask, type SeededRandom } from '@app/workflow-engine/testing';
import { cancelsVerdict } from './cancels-verdict.js';
import { after, PATIENT, RETRY } from './definitions.js';
import { judgeChildren } from './judge-children.js';
import { type Scenario } from './scenario.js';
import { type Simulation, type Watcher } from './simulation.js';

/** A map of more items than it has runs at a time. */
interface MapTerms {
  readonly items: number;
  readonly parallelMax: number;
  readonly failFast: boolean;
  readonly attemptsMax: number;
  readonly timeoutMs: number;
}

type MapState = Extract<TaskState, { status: 'succeeded' | 'failed' | 'timedout' }>;

const TASK = 'each';
/** So that most lists get all their runs. */
const UNWANTED_SHARE = 0.01;

/** Runs that map a list; its runs fail, are refused, and in some simulations end only when the map gives them up. */
export function mapsScenario(random: SeededRandom): Scenario {
  const items = 2 + random.below(16);
  const parallelMax = 1 + random.below(items + 2);
  const terms = {
    items,
    parallelMax,
    failFast: random.chance(0.4),
    attemptsMax: 1 + random.below(3),
    timeoutMs: random.pick(25_000, 90_000),
  };
  let judge = (): void => undefined;
  return {
    definition: mapping(terms),
    called: called(random.chance(0.3)),
    unwantedShare: UNWANTED_SHARE,
    isSwitched: random.chance(0.2),
    begin: (simulation) => {
      simulation.watch(boundOf(simulation, terms));
      simulation.watch(cancelsVerdict(simulation.trace));
      judge = () => {
        judgeChildren(simulation);
        judgeMaps(simulation, terms);
      };
    },
    judge: () => {
      judge();
    },
  };
}

function mapping({
  items,
  parallelMax,
  failFast,
  attemptsMax,
  timeoutMs,
}: MapTerms): WorkflowDefinition {
  const over = Array.from({ length: items }, (_, at) => at * 10);
  const params = { over, workflow: 'called', maxParallel: parallelMax, failFast };
  return aDefinition(
    [
      aTask(TASK, 'map', ['start'], params, {
        timeoutMs,
        retry: { ...RETRY, attemptsMax },
      }),
      anHttpTask('then', [TASK], PATIENT),
    ],
    ['then'],
  );
}

function called(isEndless: boolean): WorkflowDefinition {
  const last = isEndless
    ? aTask('nap', 'timer', [after('one')], { ms: 36_000_000 })
    : aTask('nap', 'timer', [after('one')], { ms: 50 });
  const keep = { output: 'item', value: '$(params.item)' };
  return aDefinition(
    [aTask('keep', 'set-property', ['start'], keep), anHttpTask('one', ['keep'], PATIENT), last],
    [after('nap')],
  );
}

/** Says it when more runs of one attempt are open than may be at a time. */
function boundOf({ activities, records, trace }: Simulation, { parallelMax }: MapTerms): Watcher {
  return {
    onSignal: () => undefined,
    onCommit: (_: Activity, { id, state }: ActivityCommit) => {
      const open = new Map<string, number>();
      for (const { id: child, parent } of activities) {
        const status = child === id ? state.status : (records.peek(child)?.status ?? 'queued');
        if (parent?.index === undefined || isFinal(status)) continue;
        const map = `${parent.activity.slice(0, 6)} ${parent.attempt}`;
        open.set(map, (open.get(map) ?? 0) + 1);
      }
      for (const [map, count] of open)
        if (count > parallelMax) trace.violation(`${map} has ${count} runs at a time`);
    },
  };
}

/** Says it when what a map tells is not what became of its items: of each, once, in the order of the list. */
function judgeMaps({ activities, records, trace }: Simulation, terms: MapTerms): void {
  for (const { id, parent } of activities) {
    const map = records.peek(id)?.state?.tasks[TASK];
    const isEnd = map?.status === 'succeeded' || map?.status === 'failed';
    if (parent !== undefined || !isEnd || map.forced !== undefined) continue;
    const children = Array.from({ length: terms.items }, (_, index) =>
      records.peek(childActivityIdOf(id, TASK, map.attempt, index)),
    );
    for (const wrong of problemsOf(map, children, terms))
      trace.violation(`${id.slice(0, 6)}:${TASK} is ${map.status}, ${wrong}`);
  }
}

function problemsOf(
  map: MapState,
  children: readonly (Activity | undefined)[],
  { items, failFast }: MapTerms,
): readonly string[] {
  const { results = {} } = map;
  const isOfItems = map.status === 'succeeded' || map.failure.code === 'MAP_FAILED';
  if (!isOfItems) return [];
  const succeeded = children.filter((child) => child?.status === 'succeeded').length;
  const ended = children.filter((child) => child && isFinal(child.status)).length;
  const problems: string[] = [];
  if (map.status === 'succeeded' && succeeded < items) problems.push(`and ${succeeded} succeeded`);
  if (map.status === 'failed' && succeeded === items) problems.push('and all succeeded');
  const isAll = map.status === 'succeeded' || !failFast;
  if (!isAll) return problems;
  const wanted = children.map((child) =>
    child?.status === 'succeeded' ? child.state?.results : null,
  );
  const counts = { count: items, succeeded, failed: ended - succeeded };
  if (JSON.stringify(results) !== JSON.stringify({ ...counts, results: wanted }))
    problems.push(`and tells ${JSON.stringify(results)}`);
  for (const [index, child] of children.entries()) {
    const { item = index * 10 } = child?.state?.results ?? {};
    if (child === undefined || item !== index * 10)
      problems.push(`and item ${index} is not its own`);
  }
  return problems;
}
