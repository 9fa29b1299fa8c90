import { type ActivityState } from '../state/activity-state.js';
import { type Signal } from '../state/signal.js';
import { type WaitingTask } from '../state/waiting.js';
import { type SeededRandom } from './seeded-random.js';
import { type Delivery, type Misfortunes } from './misfortunes.js';

/** Whoever a run waits for outside: operators, locks, workers and children. Each answers, once or twice. */
export class SimulatedOutside {
  readonly #asked = new Set<string>();

  constructor(private readonly misfortunes: Pick<Misfortunes, 'duplicate' | 'failure'>) {}

  answersTo({ tasks }: ActivityState, now: number, random: SeededRandom): readonly Delivery[] {
    return Object.entries(tasks).flatMap(([task, state]) => {
      if (state.status !== 'waiting') return [];
      const signals = this.#signalsFor(task, state, now, random);
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
    });
  }

  #signalsFor(
    task: string,
    { on, attempt, repeats }: WaitingTask,
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
        return [{ ...sent, kind: 'worker-result', attempt, outcome }];
      }
      case 'children':
        return Array.from({ length: on.open }, (_, child) => ({
          ...sent,
          id: `${id}-${child}`,
          kind: 'child-ended' as const,
          child: `${id}-${child}`,
          status: failed ? ('failed' as const) : ('succeeded' as const),
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
