import { type OfferedSignal } from './offered-signal.js';

/** Signals that were offered to activities that have no driver yet. */
export class EarlyOffers {
  readonly #offers = new Map<string, OfferedSignal[]>();

  keep(activityId: string, offered: OfferedSignal): void {
    offered.hold();
    const offers = this.#offers.get(activityId) ?? [];
    this.#offers.set(activityId, [...offers, offered]);
  }

  /** Removes and returns the offers. The caller has to settle each. */
  take(activityId: string): readonly OfferedSignal[] {
    const offers = this.#offers.get(activityId) ?? [];
    this.#offers.delete(activityId);
    return offers;
  }
}
