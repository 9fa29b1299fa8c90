import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { type RestartableServer } from '../../tools/servers/restartable-server.mjs';
import { type FlowSystem } from '../support/flow-system.js';
import { type Dice } from './dice.js';
import { APPS, type Mischief, mischiefText, STORES, turns } from './mischief.js';
import { OneAtATime } from './one-at-a-time.js';
import { victimsOf } from './victims.js';

/** A server that is started again can find its port taken for a moment, or what it needs still down. */
const RESTARTS_MAX = 5;

export interface MischiefOptions {
  readonly system: FlowSystem;
  /** One for each hand, so that its turns depend on the seed and not on the other hand's pace. */
  readonly dice: { readonly apps: Dice; readonly stores: Dice };
  readonly loadMs: number;
  /** Resolves when all that was accepted is in MongoDB, so that NATS has no only copy of anything. */
  readonly untilRecorded: () => Promise<void>;
  /** Resolves when events are accepted, and the listener knows all workflows. */
  readonly untilAccepting: () => Promise<void>;
}

/** A piece of mischief that was done. Times are milliseconds since 1970. */
export interface Deed {
  readonly mischief: Mischief;
  /** With its time since the start. */
  readonly text: string;
  readonly from: number;
  /** From here on it was being undone. */
  readonly downUntil: number;
  readonly to: number;
}

/**
 * Two hands: one hurts the apps, the other what they stand on. Each undoes what it did before it
 * goes on. They know nothing of each other, but for one thing: while the second looks at what the
 * door does without a store, or empties JetStream, the first leaves the listener alone.
 */
export class MischiefMaker {
  readonly #deeds: Deed[] = [];
  readonly #surprises: string[] = [];
  readonly #begunAt = Date.now();
  readonly #listener = new OneAtATime();

  constructor(private readonly options: MischiefOptions) {}

  /** In the order they ended. */
  get deeds(): readonly Deed[] {
    return this.#deeds;
  }

  /** Processes that ended though nobody hurt them. */
  get surprises(): readonly string[] {
    return this.#surprises;
  }

  /** Until the time is up and each mischief was done once; everything runs again then. */
  async run(): Promise<void> {
    const { dice } = this.options;
    const apps = turns(APPS, dice.apps);
    const stores = turns(STORES, dice.stores);
    await Promise.all([this.#play(apps, APPS.length), this.#play(stores, STORES.length)]);
    for (const server of this.#allServers()) await this.#bringBackIfEnded(server);
  }

  async #play(hand: ReturnType<typeof turns>, turnsMin: number): Promise<void> {
    const end = this.#begunAt + this.options.loadMs;
    for (let played = 0; played < turnsMin || Date.now() < end; played += 1) {
      const { restMs, mischief } = hand.next().value;
      await delay(restMs);
      if (needsListener(mischief)) await this.#listener.run(() => this.#do(mischief));
      else await this.#do(mischief);
    }
  }

  async #do(mischief: Mischief): Promise<void> {
    const { system, untilRecorded, untilAccepting } = this.options;
    if (mischief.kind === 'wipe') await untilRecorded();
    if (mischief.kind === 'outage') await untilAccepting();
    const victims = await victimsOf(mischief, system);
    for (const victim of victims) await this.#bringBackIfEnded(victim);
    const begunAt = Date.now();
    const from = await this.#hurt(mischief, victims);
    const downUntil = Date.now();
    await undo(mischief, victims);
    const seconds = ((begunAt - this.#begunAt) / 1000).toFixed(1);
    const text = `${seconds} s: ${mischiefText(mischief)}`;
    this.#deeds.push({ mischief, text, from, downUntil, to: Date.now() });
  }

  /** Since when it hurts; returns when it has hurt for long enough. */
  async #hurt(mischief: Mischief, victims: readonly RestartableServer[]): Promise<number> {
    const { kind, forMs } = mischief;
    if (kind === 'pause') pauseAll(victims);
    else if (kind === 'wipe') await this.#wipe();
    else await killAll(victims);
    const from = Date.now();
    await delay(forMs);
    if (kind === 'wipe') {
      await killAll(victims);
      await this.#wipe();
    }
    return from;
  }

  /** A file that is made while a folder is emptied is no reason to stop. */
  async #wipe(): Promise<void> {
    for (const { jetstreamFolder } of this.options.system.natsServers) {
      await rm(jetstreamFolder, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
    }
  }

  #allServers(): readonly RestartableServer[] {
    const { listener, executors, mongods, natsServers } = this.options.system;
    return [...mongods, ...natsServers.map(({ server }) => server), ...executors, listener];
  }

  async #bringBackIfEnded(server: RestartableServer): Promise<void> {
    const { process } = server;
    if (process.isRunning) return;
    this.#surprises.push(process.failure(await process.ended).message);
    await restart(server);
  }
}

function needsListener(mischief: Mischief): boolean {
  const hurtsIt = 'victim' in mischief && mischief.victim === 'listener';
  return hurtsIt || mischief.kind === 'wipe' || mischief.kind === 'outage';
}

function pauseAll(victims: readonly RestartableServer[]): void {
  for (const victim of victims) victim.pause();
}

async function killAll(victims: readonly RestartableServer[]): Promise<void> {
  await Promise.all(victims.map((victim) => victim.kill()));
}

async function undo({ kind }: Mischief, victims: readonly RestartableServer[]): Promise<void> {
  if (kind !== 'pause') await Promise.all(victims.map((victim) => restart(victim)));
  else for (const victim of victims) victim.resume();
}

/** As a supervisor would. */
async function restart(server: RestartableServer): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await server.restart();
      return;
    } catch (error) {
      if (tries === RESTARTS_MAX) throw error;
    }
  }
}
