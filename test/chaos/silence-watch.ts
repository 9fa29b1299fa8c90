import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '../../tools/project/wait-for.mjs';

const LOOK_EVERY_MS = 2_000;

/** Looks, again and again while everything goes on, for activities that do not say what they wait for. */
export class SilenceWatch {
  readonly #running: Promise<void>;
  readonly #found = new Set<string>();
  readonly #stop = new AbortController();
  #looks = 0;

  /** @param silentOnes rejects while the API can't be asked */
  constructor(private readonly silentOnes: () => Promise<readonly string[]>) {
    this.#running = this.#look();
  }

  /** How often the API could be asked. */
  get looks(): number {
    return this.#looks;
  }

  /** Looks once more, as soon as it can be asked, and then no longer; all that it has seen. */
  async stop(): Promise<readonly string[]> {
    this.#stop.abort();
    await this.#running;
    const last = await waitFor('the last look', () => this.silentOnes().catch(() => undefined));
    for (const text of last) this.#found.add(text);
    return [...this.#found];
  }

  async #look(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        for (const text of await this.silentOnes()) this.#found.add(text);
        this.#looks += 1;
      } catch {
        // The executor that is asked, or MongoDB, is down at the moment.
      }
      await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
