import { type EventMatcher } from '@app/persistence';
import { type EventWaitEntry, type OutboxEntry } from '@app/workflow-engine';
import { type DeliveryOutcome, type EntryOrigin, OutboxDelivery } from './outbox-delivery.js';

/**
 * Delivers an event to a run that waits for an event by key, if the event came before the wait. The entry exists only
 * when the wait is on record, so no event falls between the two.
 */
export class EventWaitDelivery extends OutboxDelivery {
  readonly available = true;

  constructor(private readonly matcher: Pick<EventMatcher, 'serve'>) {
    super();
  }

  override async deliver(
    { payload }: OutboxEntry,
    { workflowId }: EntryOrigin,
  ): Promise<DeliveryOutcome> {
    const { topic, correlationKey } = payload as EventWaitEntry;
    await this.matcher.serve(workflowId, topic, correlationKey);
    return { kind: 'delivered' };
  }
}
