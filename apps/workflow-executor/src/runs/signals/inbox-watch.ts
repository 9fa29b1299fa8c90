import { type ActivityNotices } from '@app/messaging';
import { type ActivityStore } from '@app/persistence';
import { type ActiveRuns } from '../driving/active-runs.js';
import { type SignalDelivery } from './signal-delivery.js';

/** While notices are sent, only each tenth turn looks at the inboxes: it finds signals whose notice got lost. */
const TURNS_PER_LOOK = 10;

/**
 * Asks every `intervalMs` which of the activities whose leases this executor has have a signal in their inbox, and takes
 * each as if its notice had come. This finds signals without NATS, and signals whose notice got lost. One query asks for
 * the ids that were also there at the last look, so short runs cost nothing.
 */
export class InboxWatch {
  #lastIds: ReadonlySet<string> = new Set();
  #timer: NodeJS.Timeout | undefined;
  #turns = 0;

  constructor(
    private readonly store: Pick<ActivityStore, 'withSignals'>,
    private readonly runs: Pick<ActiveRuns, 'ids'>,
    private readonly notices: Pick<ActivityNotices, 'available'>,
    private readonly delivery: Pick<SignalDelivery, 'hear'>,
    /** In milliseconds. */
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
    if (!this.notices.available || this.#turns % TURNS_PER_LOOK === 0) await this.#look();
    this.#timer?.refresh();
  }

  async #look(): Promise<void> {
    const { ids } = this.runs;
    const still = ids.filter((id) => this.#lastIds.has(id));
    this.#lastIds = new Set(ids);
    try {
      for (const id of still.length > 0 ? await this.store.withSignals(still) : []) {
        this.delivery.hear(id);
      }
    } catch {
      // Without MongoDB no driver could take a signal. The outage is logged elsewhere.
    }
  }
}
