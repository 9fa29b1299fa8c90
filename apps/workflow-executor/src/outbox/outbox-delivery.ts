import { type NewActivity } from '@app/persistence';
import { type ActivityState, type OutboxEntry } from '@app/workflow-engine';

/** The members of the activity whose outbox has the entry. */
export type EntryOrigin = Pick<
  NewActivity,
  | 'id'
  | 'workflowId'
  | 'workflowRevision'
  | 'trigger'
  | 'createdAt'
  | 'event'
  | 'request'
  | 'parent'
  | 'retryOf'
> & {
  /** The state on record that has the entry; absent if the caller does not have it. */
  readonly state?: ActivityState | undefined;
};

export type DeliveryOutcome =
  /** The recipient has the entry, for good. */
  | { readonly kind: 'delivered' }
  /** Whether the recipient has the entry is unknown, or it may accept the entry later. */
  | { readonly kind: 'again'; readonly reason: string }
  /** No recipient will ever accept the entry: it is not tried again. The code is in docs/errors.md. */
  | { readonly kind: 'refused'; readonly code: string; readonly message: string };

/**
 * Delivers entries of one kind from the outboxes of activities to their recipients. An entry is on record, with the
 * state that made it, before its first delivery. Delivery is at least once: after a crash a delivered entry is
 * delivered again. `origin.id` and `entry.id` together identify it. Entries of an activity with the same key are
 * delivered in the order in which they were made.
 *
 * An exception counts as `again`, and so does no outcome until `abort` is signalled.
 */
export abstract class OutboxDelivery {
  /** False while an attempt could not succeed: then none is made, and entries of ended activities wait on record. */
  abstract get available(): boolean;

  /** @param isCancelled whether a later entry cancels this request */
  abstract deliver(
    entry: OutboxEntry,
    origin: EntryOrigin,
    abort: AbortSignal,
    isCancelled?: boolean,
  ): Promise<DeliveryOutcome>;
}

/** What an executor can deliver, by the kind of entry. */
export type OutboxDeliveries = ReadonlyMap<string, OutboxDelivery>;

/** Puts the effect of an entry on record. */
export type Take = (entry: OutboxEntry, origin: EntryOrigin, isCancelled: boolean) => Promise<void>;

/** Deliveries that need MongoDB alone, as the outbox does: an entry is delivered when `take` has resolved. */
export function recordedDeliveries(takes: Readonly<Record<string, Take>>): OutboxDeliveries {
  return new Map(Object.entries(takes).map(([kind, take]) => [kind, new RecordedDelivery(take)]));
}

class RecordedDelivery extends OutboxDelivery {
  readonly available = true;

  constructor(private readonly take: Take) {
    super();
  }

  override async deliver(
    entry: OutboxEntry,
    origin: EntryOrigin,
    _abort: AbortSignal,
    isCancelled = false,
  ): Promise<DeliveryOutcome> {
    await this.take(entry, origin, isCancelled);
    return { kind: 'delivered' };
  }
}
