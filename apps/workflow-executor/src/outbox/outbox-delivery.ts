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
  /** Whoever it is for has it, for good. */
  | { readonly kind: 'delivered' }
  /** It is not known whether they have it, or they may take it later. */
  | { readonly kind: 'again'; readonly reason: string }
  /** Nobody will ever take it: it is not tried again. The code is in docs/errors.md. */
  | { readonly kind: 'refused'; readonly code: string; readonly message: string };

/**
 * Takes entries of one kind out of the outboxes of activities to whoever they are for. An entry is on
 * record with the state that made it before it comes here. It comes until it is `delivered` or `refused`,
 * so it may come more than once, also when it was delivered: `origin.id` and `entry.id` together tell. Those
 * of an activity with the same key come in the order they were made.
 *
 * `isTakenBack`: one behind it takes back what it asks for.
 *
 * What it throws counts as `again`. What it has not answered when `abort` is, too.
 */
export abstract class OutboxDelivery {
  /** False while it would be in vain to try: then nobody does, and what has ended waits on record. */
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
