import { setTimeout as delay } from 'node:timers/promises';
import { type RestartableServer } from '../../../tools/servers/restartable-server.mjs';
import { type Dice } from '../dice.js';

const REST_MS_MAX = 1_500;
const DOWN_MS_MAX = 1_500;

/** Kills one after the other, and starts it again, until the time is up and each was killed once. */
export class TaskKiller {
  readonly kills: string[] = [];

  constructor(
    private readonly victims: readonly (readonly [string, RestartableServer])[],
    private readonly dice: Dice,
  ) {}

  async run(forMs: number): Promise<void> {
    const begunAt = Date.now();
    for (let nth = 0; nth < this.victims.length || Date.now() - begunAt < forMs; nth += 1) {
      await delay(this.dice.below(REST_MS_MAX));
      const at = nth < this.victims.length ? nth : this.dice.below(this.victims.length);
      const [name, server] = this.victims[at] ?? ['nobody', undefined];
      if (server === undefined) continue;
      if (!server.process.isRunning) throw server.process.failure('ended, and nobody killed it');
      await server.kill();
      const downMs = this.dice.below(DOWN_MS_MAX);
      this.kills.push(`${((Date.now() - begunAt) / 1_000).toFixed(1)} s: ${name}, ${downMs} ms`);
      await delay(downMs);
      await server.restart();
    }
  }
}
