import { doubleOf, isJsonArray, type JsonObject } from '@app/json';
import { type ActivityState } from '../state/activity-state.js';
import { type ChildEndedSignal, type Signal, type WorkerResultSignal } from '../state/signal.js';
import { type WaitingTask } from '../state/waiting.js';
import { type SeededRandom } from './seeded-random.js';
import { type Delivery, type Misfortunes } from './misfortunes.js';

/** Whoever a run waits for outside: operators, locks, workers and children. Each answers, once or twice. */
export class SimulatedOutside {
  readonly #asked = new Set<string>();

  constructor(private readonly misfortunes: Pick<Misfortunes, 'duplicate' | 'failure'>) {}

  answersTo(
    { tasks, slot }: ActivityState,
    now: number,
    random: SeededRandom,
  ): readonly Delivery[] {
    const ofTasks = Object.entries(tasks).flatMap(([task, state]) =>
      state.status === 'waiting' ? this.#signalsFor(task, state, now, random) : [],
    );
    const signals = [...slotSignals(slot, now, random), ...ofTasks];
    return signals
      .filter(({ id }) => !this.#asked.has(id))
      .flatMap((signal) => {
        this.#asked.add(signal.id);
        const copies = random.chance(this.misfortunes.duplicate) ? 2 : 1;
        return Array.from({ length: copies }, () => ({
          at: now + 1 + random.below(100_000),
          input: { kind: 'signal', signal } as const,
        }));
      });
  }

  #signalsFor(
    task: string,
    { on, attempt, repeats, memory = {} }: WaitingTask,
    at: number,
    random: SeededRandom,
  ): readonly Signal[] {
    const id = `${on.kind}-${task}-${attempt}-${repeats ?? 0}`;
    const sent = { id, at, task };
    const failed = random.chance(this.misfortunes.failure);
    switch (on.kind) {
      case 'paused': {
        const outcome = random.pick('retried', 'succeeded', 'failed');
        return [{ ...sent, kind: 'force', outcome, by: 'ada', reason: 'so it is' }];
      }
      case 'lock':
        return [{ ...sent, kind: 'lock-granted', attempt, lock: on.lock }];
      case 'worker': {
        const failure = { code: 'NO', message: 'no', retryable: true, outcomeKnown: true } as const;
        const outcome = failed
          ? ({ kind: 'failed', ...failure } as const)
          : ({ kind: 'succeeded', results: {} } as const);
        return workerSignals({ ...sent, attempt }, on.queue, outcome, random);
      }
      case 'children':
        if (memory['total'] !== undefined) return mapSignals(sent, attempt, memory, random);
        if (on.workflow !== undefined) return childSignals({ ...sent, attempt }, failed, random);
        return Array.from({ length: on.open }, (_, child) => ({
          ...sent,
          id: `${id}-${child}`,
          kind: 'child-ended' as const,
          attempt,
          child: `${id}-${child}`,
          status: failed ? ('failed' as const) : ('succeeded' as const),
          results: {},
        }));
      case 'retry':
      case 'slot':
      case 'timer':
      case 'event':
      case 'approval':
        return [];
    }
  }
}

/** It is given, or it is not to have it; and somebody gives it what it has not asked for. */
function slotSignals(
  slot: ActivityState['slot'],
  at: number,
  random: SeededRandom,
): readonly Signal[] {
  if (slot === undefined || slot.grantedAt !== undefined) return [];
  const foreign: Signal = { id: 'slot-of-others', at, kind: 'slot-granted', slot: 'others' };
  const answer: Signal = random.chance(0.1)
    ? { id: 'slot', at, kind: 'cancel', code: 'CONCURRENCY_REPLACED', reason: 'there is another' }
    : { id: 'slot', at, kind: 'slot-granted', slot: slot.name };
  return random.chance(0.1) ? [foreign, answer] : [answer];
}

type OfAttempt = Pick<ChildEndedSignal, 'id' | 'at' | 'task' | 'attempt'>;

/** Perhaps how far it is, what somebody else's worker says, and what it came to. */
function workerSignals(
  of: OfAttempt,
  queue: string,
  outcome: WorkerResultSignal['outcome'],
  random: SeededRandom,
): readonly Signal[] {
  const progress: Signal = {
    ...of,
    id: `progress-${of.id}`,
    kind: 'worker-progress',
    queue,
    percent: random.below(100),
    lines: ['so far'],
  };
  const foreign: Signal = {
    ...of,
    id: `other-${of.id}`,
    kind: 'worker-result',
    queue: 'x',
    outcome,
  };
  return [
    ...(random.chance(0.3) ? [progress] : []),
    ...(random.chance(0.2) ? [foreign] : []),
    { ...of, kind: 'worker-result', queue, outcome },
  ];
}

/** A run that a task began: refused, or over; that it has begun is enough for whoever does not wait. */
function childSignals(of: OfAttempt, failed: boolean, random: SeededRandom): readonly Signal[] {
  const child = `of-${of.id}`;
  if (failed && random.chance(0.3)) {
    return [{ ...of, kind: 'child-refused', code: 'WORKFLOW_INACTIVE', message: 'off' }];
  }
  const status = failed ? 'failed' : 'succeeded';
  return [
    { ...of, id: `started-${of.id}`, kind: 'child-started', child },
    { ...of, kind: 'child-ended', child, status, results: {} },
  ];
}

/** Of the runs for the items of a list: that they are made, that each has ended, and what all of them gave. */
function mapSignals(
  sent: { readonly id: string; readonly at: number; readonly task: string },
  attempt: number,
  { next, made, open, total }: JsonObject,
  random: SeededRandom,
): readonly Signal[] {
  const upTo = doubleOf(next ?? null) ?? 0;
  const indexes = isJsonArray(open) ? open.map((one) => doubleOf(one) ?? 0) : [];
  const of = { ...sent, attempt };
  const ended = indexes.map((index): Signal => {
    const status = random.chance(0.1) ? 'failed' : 'succeeded';
    const child = `${sent.id}-${index}`;
    return { ...of, id: `ended-${child}`, kind: 'child-ended', child, index, status, results: {} };
  });
  const isOver = made === total && next === total && indexes.length === 0;
  const results: Signal = {
    ...of,
    id: `results-${sent.id}`,
    kind: 'children-results',
    results: [],
  };
  return [
    { ...of, id: `made-${sent.id}-${upTo}`, kind: 'children-made', upTo },
    ...ended,
    ...(isOver ? [results] : []),
  ];
}
