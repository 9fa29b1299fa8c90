import { parseJson, toJsonText } from '@app/json';
import { type ActivityState, type CallEffect, type Input } from '../activity-state.js';
import { type RunScope } from '../parameters/run-scope.js';
import { type Plan } from '../plan/plan.js';
import { advance } from '../run/advance.js';
import { begin } from '../run/begin.js';
import { isFinal } from '../run/final-status.js';
import { nextWakeAt } from '../run/next-wake-at.js';
import { cancelled, failed, NOW, succeeded } from './builders.js';
import { type SeededRandom } from './seeded-random.js';

/** How often each misfortune strikes; shares from 0 to 1. */
export interface Misfortunes {
  /** An executor dies: before the commit, or after it with its calls unmade. */
  readonly crash: number;
  /** An answer never comes. */
  readonly drop: number;
  /** An answer comes twice; each copy takes its own time, so they overtake others. */
  readonly duplicate: number;
  readonly failure: number;
  readonly cancel: number;
}

export interface Simulation {
  readonly final: ActivityState;
  /** Each call that was made, in order. */
  readonly calls: readonly CallEffect[];
  /** Each state that was committed, in order. */
  readonly commits: readonly ActivityState[];
}

interface Delivery {
  readonly at: number;
  readonly input: Input;
}

const LEASE_MS = 30_000;
const STEPS_MAX = 10_000;

/**
 * Drives one run as an executor would, on a virtual clock, with misfortunes drawn from `random`.
 * Only what was committed, as JSON text, survives a crash.
 *
 * @throws Error when the run can't move any more, or does not end in `STEPS_MAX` steps
 */
export function simulate(
  plan: Plan,
  scope: RunScope,
  random: SeededRandom,
  misfortunes: Misfortunes,
): Simulation {
  const calls: CallEffect[] = [];
  const commits: ActivityState[] = [];
  let stored = begin(plan, scope, NOW);
  let now = NOW;
  let deliveries: Delivery[] = [{ at: now, input: { kind: 'resume' } }];
  for (let step = 0; step < STEPS_MAX; step += 1) {
    if (isFinal(stored.status)) return { final: stored, calls, commits };
    now = Math.max(now, nextInstant(stored, deliveries));
    const due = deliveries.filter(({ at }) => at <= now).map(({ input }) => input);
    deliveries = deliveries.filter(({ at }) => at > now);
    if (random.chance(misfortunes.cancel)) due.push(cancelled());
    const { state, effects } = advance(plan, stored, scope, [...due, { kind: 'time' }], now);
    if (random.chance(misfortunes.crash)) {
      if (random.chance(0.5)) commits.push((stored = copyOf(state)));
      deliveries.push({ at: now + LEASE_MS, input: { kind: 'resume' } });
      continue;
    }
    commits.push((stored = copyOf(state)));
    for (const call of effects) {
      calls.push(call);
      deliveries.push(...answersTo(call, now, random, misfortunes));
    }
  }
  throw new Error(`The run did not end in ${STEPS_MAX} steps`);
}

function nextInstant(state: ActivityState, deliveries: readonly Delivery[]): number {
  const instant = Math.min(nextWakeAt(state) ?? Infinity, ...deliveries.map(({ at }) => at));
  if (instant === Infinity) throw new Error('The run waits for nothing that can come');
  return instant;
}

function answersTo(
  { task, attempt, repeats }: CallEffect,
  now: number,
  random: SeededRandom,
  misfortunes: Misfortunes,
): readonly Delivery[] {
  if (random.chance(misfortunes.drop)) return [];
  const input = random.chance(misfortunes.failure)
    ? failed(task, attempt, {
        retryable: random.chance(0.8),
        outcomeKnown: random.chance(0.5),
        ...(repeats !== undefined && { repeats }),
      })
    : succeeded(task, attempt, { statusCode: 200, body: random.below(1_000) }, repeats);
  const copies = random.chance(misfortunes.duplicate) ? 2 : 1;
  return Array.from({ length: copies }, () => ({ at: now + random.below(30_000), input }));
}

function copyOf(state: ActivityState): ActivityState {
  return parseJson(toJsonText(state)) as unknown as ActivityState;
}
