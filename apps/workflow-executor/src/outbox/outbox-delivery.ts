import { type NewActivity } from '@app/persistence';
import { type OutboxEntry } from '@app/workflow-engine';

/** The activity whose entry it is. */
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
>;

export type DeliveryOutcome =
  /** The recipient has the entry, for good. */
  | { readonly kind: 'delivered' }
  /** Whether the recipient has the entry is unknown, or it may accept the entry later. */
  | { readonly kind: 'again'; readonly reason: string }
  /** No recipient will ever accept the entry: it is not tried again. The code is in docs/errors.md. */
  | { readonly kind: 'refused'; readonly code: string; readonly message: string };

/**
 * Delivers entries of one kind from the outboxes of activities to their recipients. Before an entry comes here, it is
 * on record with the state that made it. It comes until it is `delivered` or `refused`, so it may come again after it
 * was delivered: `origin.id` and `entry.id` together identify it. The entries of an activity with the same key come
 * in the order they were made.
 *
 * `isTakenBack`: a later entry takes back what this one asks for.
 *
 * An exception counts as `again`, and so does no answer until `abort` is signalled.
 */
export abstract class OutboxDelivery {
  /** False while an attempt could not succeed: then none is made, and entries of ended activities wait on record. */
  abstract get available(): boolean;

  abstract deliver(
    entry: OutboxEntry,
    origin: EntryOrigin,
    abort: AbortSignal,
    isTakenBack?: boolean,
  ): Promise<DeliveryOutcome>;
}

/** What an executor can deliver, by the kind of entry. */
export type OutboxDeliveries = ReadonlyMap<string, OutboxDelivery>;
