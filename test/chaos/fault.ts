import { type Dice, shuffled } from './dice.js';

/** What a fault can be injected into alone. `mongod` and `nats` are the leader where there are several. */
export type Victim = 'listener' | 'executor-1' | 'executor-2' | 'mongod' | 'nats';

/** Which stores are down as a whole, however many servers they are. */
export type StoresDown = 'mongodb' | 'nats' | 'both';

/** One thing that is done to the running system, and undone after `forMs` milliseconds. */
export type Fault =
  | { readonly kind: 'kill'; readonly victim: Victim; readonly forMs: number }
  | { readonly kind: 'pause'; readonly victim: Victim; readonly forMs: number }
  /** Deletes what JetStream has on its disk while it runs; then it is killed, too. */
  | { readonly kind: 'wipe'; readonly forMs: number }
  /** Long enough to see what the ingress does meanwhile: it has no fault of its own then. */
  | { readonly kind: 'outage'; readonly of: StoresDown; readonly forMs: number };

type Deal = (dice: Dice) => Fault;

const KILLED_MS_MAX = 2_500;
const PAUSED_MS_MIN = 500;
/** Longer than a lease of this run, than a wait for MongoDB, than a wait for JetStream. */
const PAUSED_MS_MAX = 5_000;
const OUTAGE_MS_MIN = 3_000;
const OUTAGE_MS_MAX = 5_000;
/** Between two faults of one hand, in milliseconds. */
const REST_MS_MAX = 2_000;

/** Faults for the apps, each once: whoever goes through it twice shuffles again. */
export const APPS: readonly Deal[] = [
  killOf('listener'),
  killOf('executor-1'),
  killOf('executor-2'),
  pauseOf('listener'),
  pauseOf('executor-1'),
  pauseOf('executor-2'),
];

/** Faults for the servers that the apps need. */
export const STORES: readonly Deal[] = [
  killOf('mongod'),
  killOf('nats'),
  pauseOf('mongod'),
  pauseOf('nats'),
  wipe,
  outageOf('mongodb'),
  outageOf('nats'),
  outageOf('both'),
];

export interface Turn {
  readonly restMs: number;
  readonly fault: Fault;
}

/** Endless: all faults in a random order, then all of them again in another. */
export function* turns(deck: readonly Deal[], dice: Dice): Generator<Turn, never> {
  for (;;) {
    for (const deal of shuffled(deck, dice)) {
      yield { restMs: dice.below(REST_MS_MAX), fault: deal(dice) };
    }
  }
}

export function faultText(fault: Fault): string {
  return `${fault.kind} ${targetOf(fault)} (${fault.forMs} ms)`;
}

function targetOf(fault: Fault): string {
  switch (fault.kind) {
    case 'kill':
    case 'pause':
      return fault.victim;
    case 'outage':
      return fault.of;
    case 'wipe':
      return 'JetStream';
  }
}

function wipe(dice: Dice): Fault {
  return { kind: 'wipe', forMs: dice.below(KILLED_MS_MAX) };
}

function killOf(victim: Victim): Deal {
  return (dice) => ({ kind: 'kill', victim, forMs: dice.below(KILLED_MS_MAX) });
}

/** Half of them for as long as it may be. */
function pauseOf(victim: Victim): Deal {
  const spread = PAUSED_MS_MAX - PAUSED_MS_MIN;
  return (dice) => {
    const forMs = dice.chance(0.5) ? PAUSED_MS_MAX : PAUSED_MS_MIN + dice.below(spread);
    return { kind: 'pause', victim, forMs };
  };
}

function outageOf(of: StoresDown): Deal {
  const spread = OUTAGE_MS_MAX - OUTAGE_MS_MIN;
  return (dice) => ({ kind: 'outage', of, forMs: OUTAGE_MS_MIN + dice.below(spread) });
}
