import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type RestartableServer } from '../../tools/servers/restartable-server.mjs';
import { type FlowSystem } from '../support/flow-system.js';
import { type Lane } from './chaos-settings.js';
import { type Dice } from './dice.js';
import { APPS, type Fault, faultText, STORES, turns } from './fault.js';
import { OneAtATime } from './one-at-a-time.js';
import { streamOf, victimsOf } from './victims.js';

/** A server that is started again can find its port taken for a moment, or what it needs still down. */
const RESTARTS_MAX = 5;

export interface FaultInjectorOptions {
  readonly system: FlowSystem;
  /** One for each hand, so that its turns depend on the seed and not on the other hand's pace. */
  readonly dice: { readonly apps: Dice; readonly stores: Dice };
  readonly loadMs: number;
  /** The only one that is wiped; undefined wipes all that JetStream has. */
  readonly lane: Lane | undefined;
  /** Resolves when all that was accepted is in MongoDB, so that NATS has no only copy of anything. */
  readonly untilRecorded: () => Promise<void>;
  /** Resolves when events are accepted, and the listener knows all workflows. */
  readonly untilAccepting: () => Promise<void>;
}

/** A fault that was done. Times are milliseconds since 1970. */
export interface InjectedFault {
  readonly fault: Fault;
  /** With its time since the start. */
  readonly text: string;
  readonly from: number;
  /** From here on it was being undone. */
  readonly downUntil: number;
  readonly to: number;
}

/**
 * Two injectors: one works on the apps, the other on what they stand on. Each undoes what it did before it
 * goes on. They know nothing of each other, but for one thing: while the second looks at what the
 * ingress does without a store, or empties JetStream, the first leaves the listener alone.
 */
export class FaultInjector {
  readonly #injected: InjectedFault[] = [];
  readonly #surprises: string[] = [];
  readonly #begunAt = Date.now();
  readonly #listener = new OneAtATime();

  constructor(private readonly options: FaultInjectorOptions) {}

  /** In the order they ended. */
  get injected(): readonly InjectedFault[] {
    return this.#injected;
  }

  /** Processes that ended although no fault was injected into them. */
  get surprises(): readonly string[] {
    return this.#surprises;
  }

  /** Until the time is up and each fault was done once; everything runs again then. */
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
      const { restMs, fault } = hand.next().value;
      await delay(restMs);
      if (needsListener(fault)) await this.#listener.run(() => this.#do(fault));
      else await this.#do(fault);
    }
  }

  async #do(fault: Fault): Promise<void> {
    const { system, untilRecorded, untilAccepting } = this.options;
    if (fault.kind === 'wipe') await untilRecorded();
    if (fault.kind === 'outage') await untilAccepting();
    const victims = await victimsOf(fault, system, this.options.lane);
    for (const victim of victims) await this.#bringBackIfEnded(victim);
    const begunAt = Date.now();
    const from = await this.#inject(fault, victims);
    const downUntil = Date.now();
    await undo(fault, victims);
    const seconds = ((begunAt - this.#begunAt) / 1000).toFixed(1);
    const text = `${seconds} s: ${faultText(fault)}`;
    this.#injected.push({ fault, text, from, downUntil, to: Date.now() });
  }

  /** Injects the fault and waits until it has lasted `forMs`. Returns when it began, in milliseconds since 1970. */
  async #inject(fault: Fault, victims: readonly RestartableServer[]): Promise<number> {
    const { kind, forMs } = fault;
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
    const { system, lane } = this.options;
    for (const { jetstreamFolder } of system.natsServers) {
      const folder = lane
        ? path.join(jetstreamFolder, 'jetstream/$G/streams', streamOf(lane))
        : jetstreamFolder;
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
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

function needsListener(fault: Fault): boolean {
  const isVictim = 'victim' in fault && fault.victim === 'listener';
  return isVictim || fault.kind === 'wipe' || fault.kind === 'outage';
}

function pauseAll(victims: readonly RestartableServer[]): void {
  for (const victim of victims) victim.pause();
}

async function killAll(victims: readonly RestartableServer[]): Promise<void> {
  await Promise.all(victims.map((victim) => victim.kill()));
}

async function undo({ kind }: Fault, victims: readonly RestartableServer[]): Promise<void> {
  if (kind !== 'pause') await Promise.all(victims.map((victim) => restart(victim)));
  else for (const victim of victims) victim.resume();
}

/** Starts the server again, as a supervisor would. */
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
