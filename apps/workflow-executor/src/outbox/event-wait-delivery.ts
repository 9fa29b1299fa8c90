import { type EventMatcher } from '@app/persistence';
import { type EventWaitEntry, type OutboxEntry } from '@app/workflow-engine';
import { type DeliveryOutcome, type EntryOrigin, OutboxDelivery } from './outbox-delivery.js';

/** Once a wait for an event by key is on record: delivers the event to it that came before, if there is one. */
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
