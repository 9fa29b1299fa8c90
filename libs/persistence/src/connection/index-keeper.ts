import { Logger } from '@nestjs/common';
import { type Connection } from 'mongoose';
import { setTimeout as sleep } from 'node:timers/promises';
import { type MongoLink } from './mongo-link.js';

/** The pause between attempts to create the indexes, in milliseconds. */
const RETRY_MS = 2_000;

/**
 * Creates the indexes that the schemas name, as soon as there is a server. Nothing waits for them:
 * without one an answer is slow, never wrong (uniqueness of ids is MongoDB's own index; that of
 * workflow names holds from when its index is there).
 */
export class IndexKeeper {
  readonly #log = new Logger(IndexKeeper.name);
  #done = false;
  #running = false;

  constructor(private readonly link: MongoLink) {}

  start(): void {
    this.link.onChange((available) => {
      if (available && !this.#running) void this.#createUntilDone();
    });
  }

  async #createUntilDone(): Promise<void> {
    this.#running = true;
    while (!this.#done && this.link.available) {
      try {
        await createIndexes(this.link.connection);
        this.#done = true;
      } catch (error) {
        this.#log.warn(`The indexes can't be created yet: ${String(error)}`);
        await sleep(RETRY_MS, undefined, { ref: false });
      }
    }
    this.#running = false;
  }
}

/** Creates what is missing; an index that is there already costs nothing. */
export async function createIndexes(connection: Connection): Promise<void> {
  for (const model of Object.values(connection.models)) await model.createIndexes();
}
