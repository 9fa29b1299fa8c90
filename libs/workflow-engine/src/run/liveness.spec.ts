import fc from 'fast-check';
import { toJsonText } from '@app/json';
import { type ActivityState, type Input } from '../state/activity-state.js';
import { isFinal } from '../state/activity-status.js';
import { type ForceSignal } from '../state/signal.js';
import { compile } from '../plan/compile.js';
import { type Plan } from '../plan/plan.js';
import { cancelled, succeeded } from '../testing/builders.js';
import { fakePatterns } from '../testing/fake-patterns.js';
import { askingTask, randomDefinition } from '../testing/random-definition.js';
import { RANDOM_SCOPE } from '../testing/random-params.js';
import { SeededRandom } from '../testing/seeded-random.js';
import { simulate } from '../testing/simulate.js';
import { TEST_TASKS } from '../testing/waiting-tasks.js';
import { advance } from './advance.js';
import { nextWakeAt } from './open-status.js';
import { isOver } from './task-transitions.js';

/**
 * There is no state without a way out: of every state that a run comes to, on record is what it waits for, and an
 * operator brings it to its end with nobody's help: no callee, worker, lock, child or event says a word here.
 */

const SCOPE = RANDOM_SCOPE;
const MISFORTUNES = {
  crash: 0.1,
  drop: 0.1,
  duplicate: 0.2,
  failure: 0.4,
  cancel: 0,
  noSlot: 0.2,
};
/** Each round ends all that has begun, and a run has at most as many rounds as tasks, and its attempts. */
const ROUNDS_MAX = 100;

type Outcome = ForceSignal['outcome'];
type Reached = (plan: Plan, state: ActivityState, random: SeededRandom) => void;

/** Some of the states that random runs come to and that are not final. */
function forEachState(check: Reached): void {
  fc.assert(
    fc.property(fc.integer(), fc.boolean(), (seed, isTriedAgain) => {
      const random = new SeededRandom(seed);
      const delays = { backoff: 'fixed', delayMs: 50, delayMsMax: 50 } as const;
      const retry = isTriedAgain && { retry: { attemptsMax: 2, ...delays } };
      const definition = randomDefinition(random, 12);
      const tasks = definition.tasks.map(askingTask);
      const plan = compile({ ...definition, ...retry, tasks }, fakePatterns, TEST_TASKS);
      const { commits } = simulate(plan, SCOPE, random, MISFORTUNES);
      const open = commits.filter(({ status }) => !isFinal(status));
      for (const state of open.filter(() => random.chance(4 / open.length)))
        check(plan, state, random);
    }),
    { numRuns: 100 },
  );
}

function begunIn({ tasks }: ActivityState): readonly string[] {
  return Object.entries(tasks).flatMap(([name, { status }]) =>
    status === 'running' || status === 'waiting' ? [name] : [],
  );
}

function forced(task: string, outcome: Outcome, round = 0): Input {
  const said = { id: `${task}-${outcome}-${round}`, at: 0, by: 'ada', reason: 'so it is' };
  return { kind: 'signal', signal: { ...said, kind: 'force', task, outcome } };
}

function step(plan: Plan, state: ActivityState, now: number, ...inputs: readonly Input[]) {
  return advance(plan, state, SCOPE, inputs, now);
}

/** An operator who says the same of all that has begun, until the run is over, and cancels what has no slot. */
function operated(plan: Plan, from: ActivityState, outcome: Outcome, at: number): ActivityState {
  let state = from;
  for (let round = 0; round < ROUNDS_MAX && !isFinal(state.status); round += 1) {
    const now = Math.max(at, state.again?.until ?? 0);
    const said = begunIn(state).map((task) => forced(task, outcome, round));
    const inputs = state.status === 'queued' ? [cancelled()] : said;
    ({ state } = step(plan, state, now, ...inputs, { kind: 'time' }));
  }
  return state;
}

/** Before anything is due by itself. */
function instantOf({ startedAt, tasks }: ActivityState): number {
  const since = Object.values(tasks).flatMap((task) => [
    'startedAt' in task ? (task.startedAt ?? 0) : 0,
    task.status === 'waiting' ? task.on.since : 0,
  ]);
  return Math.max(startedAt, ...since);
}

describe('a state that is not final', () => {
  it('says of each task that has begun what it waits for, since when, and until when if time moves it', () => {
    forEachState((_, { tasks, waitingFor = [], again, ...state }) => {
      if (again?.until !== undefined) {
        expect(waitingFor).toMatchObject([{ kind: 'retry', until: again.until }]);
        return;
      }
      if (state.status === 'queued') {
        expect(waitingFor).toMatchObject([{ kind: 'slot', task: '' }]);
        return;
      }
      const begun = begunIn({ tasks, ...state });
      expect(waitingFor.map(({ task }) => task).sort()).toEqual([...begun].sort());
      for (const { what, since, task = '' } of waitingFor) {
        const found = tasks[task];
        expect(what.length).toBeGreaterThan(5);
        expect(since).toBeGreaterThan(0);
        const on = found?.status === 'waiting' ? found.on : undefined;
        const wakes = found && 'timeoutAt' in found ? found.timeoutAt : undefined;
        const isLookedAt = ['children', 'worker', 'approval'].includes(on?.kind ?? '');
        const until = Math.min((isLookedAt ? undefined : on?.until) ?? Infinity, wakes ?? Infinity);
        if (until !== Infinity) {
          expect(waitingFor).toContainEqual(expect.objectContaining({ task, until }));
          expect(nextWakeAt({ tasks, ...state })).toBeLessThanOrEqual(until);
        }
      }
    });
  });

  it.each(['succeeded', 'failed', 'skipped'] as const)(
    'comes to its end when an operator says of all that begins that it has %s',
    (outcome) => {
      forEachState((plan, state) => {
        const end = operated(plan, state, outcome, instantOf(state));

        expect(isFinal(end.status)).toBe(true);
        expect(Object.values(end.tasks).every(({ status }) => isOver(status))).toBe(true);
        expect(end.holds ?? []).toEqual([]);
      });
    },
  );

  it('moves on with each decision of an operator about one task, which counts once', () => {
    forEachState((plan, state, random) => {
      const begun = begunIn(state);
      if (begun.length === 0) return;
      const task = random.pick(begun[0] ?? '', ...begun);
      for (const outcome of ['succeeded', 'failed', 'skipped', 'retried'] as const) {
        const now = instantOf(state);
        const once = step(plan, state, now, forced(task, outcome)).state;
        const twice = step(plan, once, now, forced(task, outcome)).state;

        expect(once.tasks[task]).not.toEqual(state.tasks[task]);
        expect(twice).toBe(once);
        if (outcome !== 'retried')
          expect(isOver(once.tasks[task]?.status ?? 'pending') || once.again).toBeTruthy();
        expect(isFinal(operated(plan, once, 'failed', now).status)).toBe(true);
      }
    });
  });

  it('ends with a cancel, after its tasks of finally, and holds nothing outside then', () => {
    forEachState((plan, state) => {
      const now = instantOf(state);
      const { state: after, effects, outbox } = step(plan, state, now, cancelled());

      const left = begunIn(after);
      const isLast = (task: string): boolean => plan.byName.get(task)?.isLast === true;
      expect(left.filter((task) => !isLast(task))).toEqual([]);
      expect(effects.filter(({ task }) => !isLast(task))).toEqual([]);
      const held = (state.holds ?? []).filter(
        ({ task }) => !isLast(task) && begunIn(state).includes(task),
      );
      const told = outbox.map(({ kind, key, payload }) => toJsonText({ kind, key, payload }));
      for (const { entry } of held) {
        const { kind, key, payload } = entry;
        expect(told).toContain(toJsonText({ kind, key, payload }));
      }

      const end = operated(plan, after, 'failed', now);
      // What ended it from outside first, counts.
      const { concluded } = state;
      const first = concluded?.isForced === true ? concluded.outcome.status : 'cancelled';
      expect(end.status).toBe(first);
      expect(end.holds ?? []).toEqual([]);
      const late = plan.tasks.flatMap(({ name }) => [1, 2, 3].map((at) => succeeded(name, at)));
      expect(step(plan, end, now, ...late, { kind: 'resume' }).state).toBe(end);
    });
  });
});
