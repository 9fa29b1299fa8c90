import { type ActivityNotices } from '@app/messaging';
import { type ActivityStore } from '@app/persistence';
import { type ActiveRuns } from '../driving/active-runs.js';

/** How much seldomer it looks while notices go out: then it is only there for those that get lost. */
const SELDOMER = 10;

/**
 * Looks, every `intervalMs`, which of the activities in flight here have a signal in the inbox, and makes
 * their drivers take it. That is what finds signals without NATS, and those whose notice got lost; it
 * asks by the ids in flight, one query for all of them, and only for those that were in flight at the last
 * look as well, so runs that are over at once cost nothing.
 */
export class InboxWatch {
  #inHand: ReadonlySet<string> = new Set();
  #timer: NodeJS.Timeout | undefined;
  #turns = 0;

  constructor(
    private readonly store: ActivityStore,
    private readonly runs: ActiveRuns,
    private readonly notices: ActivityNotices,
    private readonly intervalMs: number,
  ) {}

  start(): void {
    this.#timer ??= setTimeout(() => void this.#turn(), this.intervalMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  async #turn(): Promise<void> {
    this.#turns += 1;
    if (!this.notices.available || this.#turns % SELDOMER === 0) await this.#look();
    this.#timer?.refresh();
  }

  async #look(): Promise<void> {
    const { ids } = this.runs;
    const still = ids.filter((id) => this.#inHand.has(id));
    this.#inHand = new Set(ids);
    try {
      for (const id of still.length > 0 ? await this.store.withSignals(still) : []) {
        this.runs.notify(id);
      }
    } catch {
      // Without MongoDB no driver could take it; that MongoDB is gone is logged elsewhere.
    }
  }
}
