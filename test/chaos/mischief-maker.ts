import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { type RestartableServer } from '../../tools/servers/restartable-server.mjs';
import { type FlowSystem } from '../support/flow-system.js';
import { type Dice } from './dice.js';
import { natsLeader, primary } from './leaders.js';
import { APPS, type Mischief, mischiefText, STORES, turns, type Victim } from './mischief.js';

/** A server that is started again can find its port taken for a moment, or what it needs still down. */
const RESTARTS_MAX = 5;

export interface MischiefOptions {
  readonly system: FlowSystem;
  /** One for each hand, so that its turns depend on the seed and not on the other hand's pace. */
  readonly dice: { readonly apps: Dice; readonly stores: Dice };
  readonly loadMs: number;
  /** Resolves when all that was accepted is in MongoDB, so that NATS has no only copy of anything. */
  readonly untilRecorded: () => Promise<void>;
}

/**
 * Two hands that know nothing of each other: one hurts the apps, the other what they stand on. Each
 * undoes what it did before it goes on.
 */
export class MischiefMaker {
  readonly #done: string[] = [];
  readonly #surprises: string[] = [];
  readonly #begunAt = Date.now();

  constructor(private readonly options: MischiefOptions) {}

  /** In the order it began, each with its time since the start in seconds. */
  get done(): readonly string[] {
    return this.#done;
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
      await this.#do(mischief);
    }
  }

  async #do(mischief: Mischief): Promise<void> {
    const { system, untilRecorded } = this.options;
    if (mischief.kind === 'wipe') await untilRecorded();
    const victims = await this.#victimsOf(mischief);
    for (const victim of victims) await this.#bringBackIfEnded(victim);
    const seconds = ((Date.now() - this.#begunAt) / 1000).toFixed(1);
    this.#done.push(`${seconds} s: ${mischiefText(mischief)}`);
    if (mischief.kind === 'pause') {
      for (const victim of victims) victim.pause();
      await delay(mischief.forMs);
      for (const victim of victims) victim.resume();
      return;
    }
    if (mischief.kind === 'wipe') {
      for (const { jetstreamFolder } of system.natsServers) await wipe(jetstreamFolder);
      await delay(mischief.forMs);
    }
    await Promise.all(victims.map((victim) => victim.kill()));
    if (mischief.kind === 'wipe') {
      for (const { jetstreamFolder } of system.natsServers) await wipe(jetstreamFolder);
    } else {
      await delay(mischief.forMs);
    }
    await Promise.all(victims.map((victim) => restart(victim)));
  }

  async #victimsOf(mischief: Mischief): Promise<readonly RestartableServer[]> {
    const { system } = this.options;
    const natsServers = system.natsServers.map(({ server }) => server);
    switch (mischief.kind) {
      case 'kill':
      case 'pause':
        return [await this.#serverOf(mischief.victim)];
      case 'wipe':
        return natsServers;
      case 'both-stores-down':
        return [...system.mongods, ...natsServers];
    }
  }

  async #serverOf(victim: Victim): Promise<RestartableServer> {
    const { system } = this.options;
    switch (victim) {
      case 'listener':
        return system.listener;
      case 'executor-1':
        return system.executors[0];
      case 'executor-2':
        return system.executors[1] ?? system.executors[0];
      case 'mongod':
        return primary(system);
      case 'nats':
        return natsLeader(system);
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

/** A file that is made while the folder is emptied is no reason to stop. */
async function wipe(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
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
