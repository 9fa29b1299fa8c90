import { DispatchTooLargeError, type StatusPublisher } from '@app/messaging';
import { type OutboxEntry } from '@app/workflow-engine';
import { type DeliveryOutcome, type EntryOrigin, OutboxDelivery } from './outbox-delivery.js';
import { statusEvents } from './status-event.js';

/** Entries that are not told in full, and of which it is known how far they are. */
const UNFINISHED_MAX = 1_000;

/**
 * Tells of new statuses of an activity or of its tasks by CloudEvents in JetStream (docs/status-events.md). An entry of
 * many that takes longer than one delivery may goes on where the one before had to end.
 */
export class StatusEventDelivery extends OutboxDelivery {
  /** How many events of an entry the stream has, the entry told last at the end. */
  readonly #told = new Map<string, number>();

  constructor(private readonly publisher: Pick<StatusPublisher, 'available' | 'publish'>) {
    super();
  }

  override get available(): boolean {
    return this.publisher.available;
  }

  override async deliver(
    entry: OutboxEntry,
    origin: EntryOrigin,
    abort: AbortSignal,
  ): Promise<DeliveryOutcome> {
    const name = `${origin.id} ${entry.id}`;
    try {
      const told = this.#told.get(name) ?? 0;
      // One after the other: the next is not there before this one is for sure.
      for (const [at, event] of [...statusEvents(entry, origin)].entries()) {
        if (at < told) continue;
        abort.throwIfAborted();
        await this.publisher.publish(event);
        this.#note(name, at + 1);
      }
      this.#told.delete(name);
      return { kind: 'delivered' };
    } catch (error) {
      if (!(error instanceof DispatchTooLargeError)) throw error;
      this.#told.delete(name);
      return { kind: 'refused', code: error.code, message: error.message };
    }
  }

  /** Of an entry that is forgotten all is told again, which nobody sees twice. */
  #note(name: string, told: number): void {
    this.#told.delete(name);
    this.#told.set(name, told);
    const [oldest] = this.#told.keys();
    if (this.#told.size > UNFINISHED_MAX && oldest !== undefined) this.#told.delete(oldest);
  }
}
