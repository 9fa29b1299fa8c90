import { type Dice, shuffled } from './dice.js';

/** What can be hurt alone. `mongod` and `nats` are the leader where there are several. */
export type Victim = 'listener' | 'executor-1' | 'executor-2' | 'mongod' | 'nats';

/** One thing that is done to the running system, and undone after `forMs` milliseconds. */
export type Mischief =
  | { readonly kind: 'kill'; readonly victim: Victim; readonly forMs: number }
  | { readonly kind: 'pause'; readonly victim: Victim; readonly forMs: number }
  /** Deletes what JetStream has on its disk while it runs; then it is killed, too. */
  | { readonly kind: 'wipe'; readonly forMs: number }
  | { readonly kind: 'both-stores-down'; readonly forMs: number };

type Deal = (dice: Dice) => Mischief;

const KILLED_MS_MAX = 2_500;
const PAUSED_MS_MIN = 500;
const PAUSED_MS_MAX = 5_000;
/** Between two pieces of mischief of one hand, in milliseconds. */
const REST_MS_MAX = 2_000;

/** Mischief for the apps, each once: whoever goes through it twice shuffles again. */
export const APPS: readonly Deal[] = [
  killOf('listener'),
  killOf('executor-1'),
  killOf('executor-2'),
  pauseOf('listener'),
  pauseOf('executor-1'),
  pauseOf('executor-2'),
];

/** Mischief for what they stand on. */
export const STORES: readonly Deal[] = [
  killOf('mongod'),
  killOf('nats'),
  pauseOf('mongod'),
  pauseOf('nats'),
  of('wipe'),
  of('both-stores-down'),
];

export interface Turn {
  readonly restMs: number;
  readonly mischief: Mischief;
}

/** For ever: all of the deck in a random order, then all of it again in another. */
export function* turns(deck: readonly Deal[], dice: Dice): Generator<Turn, never> {
  for (;;) {
    for (const deal of shuffled(deck, dice)) {
      yield { restMs: dice.below(REST_MS_MAX), mischief: deal(dice) };
    }
  }
}

export function mischiefText(mischief: Mischief): string {
  const { kind, forMs } = mischief;
  return `${kind}${'victim' in mischief ? ` ${mischief.victim}` : ''} (${forMs} ms)`;
}

function of(kind: 'wipe' | 'both-stores-down'): Deal {
  return (dice) => ({ kind, forMs: dice.below(KILLED_MS_MAX) });
}

function killOf(victim: Victim): Deal {
  return (dice) => ({ kind: 'kill', victim, forMs: dice.below(KILLED_MS_MAX) });
}

function pauseOf(victim: Victim): Deal {
  const spread = PAUSED_MS_MAX - PAUSED_MS_MIN;
  return (dice) => ({ kind: 'pause', victim, forMs: PAUSED_MS_MIN + dice.below(spread) });
}
