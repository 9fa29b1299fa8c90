import { parseJson, toJsonText } from '@app/json';
import { type ActivityState, type CallEffect, type Input } from '../state/activity-state.js';
import { type OutboxEntry } from '../state/outbox-entry.js';
import { type TaskResult } from '../state/task-result.js';
import { type RunScope } from '../parameters/find-value.js';
import { type Plan } from '../plan/plan.js';
import { advance } from '../run/advance.js';
import { begin } from '../run/begin.js';
import { type EarlierRun } from '../run/earlier-run.js';
import { isFinal } from '../state/activity-status.js';
import { type Signal } from '../state/signal.js';
import { nextWakeAt } from '../run/open-status.js';
import { cancelled, failed, NOW, succeeded } from './builders.js';
import { type Delivery, type Misfortunes } from './misfortunes.js';
import { SimulatedOutside } from './simulated-outside.js';
import { type SeededRandom } from './seeded-random.js';

export interface Simulation {
  readonly final: ActivityState;
  /** Each call that was made, in order. */
  readonly calls: readonly CallEffect[];
  /** Each entry of the outbox that was put on record, in order. */
  readonly posted: readonly OutboxEntry[];
  /** Each state that was committed, in order. */
  readonly commits: readonly ActivityState[];
  /** Each step that was computed, committed or not. */
  readonly steps: readonly SimulatedStep[];
}

export interface SimulatedStep {
  readonly before: ActivityState;
  readonly inputs: readonly Input[];
  readonly now: number;
  readonly after: ActivityState;
  /** Otherwise a crash came before it was stored. */
  readonly isCommitted: boolean;
}

const LEASE_MS = 30_000;
const STEPS_MAX = 10_000;

/**
 * Drives one run as an executor would, on a virtual clock, with misfortunes drawn from `random`.
 * Only what was committed, as JSON text, survives a crash.
 *
 * @param copyOf what the next step finds of a state that was committed: what was stored, as another process reads it
 * @throws Error when the run can't move any more, or does not end in `STEPS_MAX` steps
 */
export function simulate(
  plan: Plan,
  scope: RunScope,
  random: SeededRandom,
  misfortunes: Misfortunes,
  copyOf: (state: ActivityState) => ActivityState = storedCopyOf,
  earlier?: EarlierRun,
): Simulation {
  const steps: SimulatedStep[] = [];
  const calls: CallEffect[] = [];
  const posted: OutboxEntry[] = [];
  const commits: ActivityState[] = [];
  const outside = new SimulatedOutside(misfortunes);
  let stored = begin(plan, scope, NOW, earlier);
  let now = NOW;
  let deliveries: Delivery[] = [
    { at: now, input: { kind: 'resume' } },
    ...signalsFor(plan, random, misfortunes),
  ];
  for (let step = 0; step < STEPS_MAX; step += 1) {
    if (isFinal(stored.status)) return { final: stored, calls, posted, commits, steps };
    now = Math.max(now, nextInstant(stored, deliveries));
    const due = deliveries.filter(({ at }) => at <= now).map(({ input }) => input);
    deliveries = deliveries.filter(({ at }) => at > now);
    if (random.chance(misfortunes.cancel)) due.push(cancelled());
    const inputs: readonly Input[] = [...due, { kind: 'time' }];
    const { state, effects, outbox } = advance(plan, stored, scope, inputs, now);
    const crashes = random.chance(misfortunes.crash);
    const isCommitted = !crashes || random.chance(0.5);
    steps.push({ before: stored, inputs, now, after: state, isCommitted });
    if (isCommitted) {
      commits.push((stored = copyOf(state)));
      posted.push(...outbox);
    }
    if (crashes) {
      // What was not committed is in the inbox still; what was may have been sent once more.
      for (const input of due) if (input.kind === 'signal') deliveries.push({ at: now + 1, input });
      deliveries.push({ at: now + LEASE_MS, input: { kind: 'resume' } });
      continue;
    }
    deliveries.push(...outside.answersTo(state, now, random));
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
  if (random.chance(misfortunes.noSlot)) {
    const outcome = { kind: 'postponed', delayMs: 1 + random.below(5_000) } as const;
    return [{ at: now, input: taskResult(task, attempt, repeats, outcome) }];
  }
  const waitsMs = random.chance(misfortunes.noSlot) ? random.below(60_000) : 0;
  const waits = [
    { at: now, input: taskResult(task, attempt, repeats, { kind: 'queued' }) },
    { at: now + waitsMs, input: taskResult(task, attempt, repeats, { kind: 'begun' }) },
  ];
  const input = random.chance(misfortunes.failure)
    ? failed(task, attempt, {
        retryable: random.chance(0.8),
        outcomeKnown: random.chance(0.5),
        ...(repeats !== undefined && { repeats }),
      })
    : succeeded(task, attempt, { statusCode: 200, body: random.below(1_000) }, repeats);
  const copies = random.chance(misfortunes.duplicate) ? 2 : 1;
  const answers = Array.from({ length: copies }, () => ({
    at: now + waitsMs + random.below(30_000),
    input,
  }));
  return waitsMs > 0 ? [...waits, ...answers] : answers;
}

function taskResult(
  task: string,
  attempt: number,
  repeats: number | undefined,
  outcome: TaskResult['outcome'],
): Input {
  const handOut = { task, attempt, ...(repeats !== undefined && { repeats }) };
  return { kind: 'task-result', result: { ...handOut, outcome } };
}

/** An event for each task that may wait for one, and its votes: soon or late, some more than once. */
function signalsFor(plan: Plan, random: SeededRandom, { duplicate }: Misfortunes): Delivery[] {
  const signals = plan.tasks.flatMap(({ name, type }): readonly Signal[] => {
    const sent = { at: NOW };
    if (type === 'wait-for-event') {
      return [
        {
          ...sent,
          id: `event-${name}`,
          kind: 'event',
          topic: 'paid',
          payload: name,
          ...(random.chance(0.2) && { outcome: 'failed' }),
        },
      ];
    }
    if (type !== 'approval' && type !== 'manual') return [];
    return ['ada', 'bob'].map((by) => {
      const verdict = random.chance(0.2) ? 'rejected' : 'approved';
      const vote = { kind: 'vote', task: name, by, verdict } as const;
      return { ...sent, id: `vote-${name}-${by}`, ...vote };
    });
  });
  return signals.flatMap((signal) =>
    Array.from({ length: random.chance(duplicate) ? 3 : 1 }, () => ({
      at: NOW + random.below(random.pick(10, 200_000)),
      input: { kind: 'signal', signal } as const,
    })),
  );
}

function storedCopyOf(state: ActivityState): ActivityState {
  return parseJson(toJsonText(state)) as unknown as ActivityState;
}
