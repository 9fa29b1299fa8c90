import { DispatchTooLargeError, type StatusPublisher } from '@app/messaging';
import { type OutboxEntry } from '@app/workflow-engine';
import { type DeliveryOutcome, type EntryOrigin, OutboxDelivery } from './outbox-delivery.js';
import { statusEvents } from './status-event.js';

/** Tells of new statuses of an activity or of its tasks by CloudEvents in JetStream (docs/status-events.md). */
export class StatusEventDelivery extends OutboxDelivery {
  constructor(private readonly publisher: Pick<StatusPublisher, 'available' | 'publish'>) {
    super();
  }

  override get available(): boolean {
    return this.publisher.available;
  }

  override async deliver(entry: OutboxEntry, origin: EntryOrigin): Promise<DeliveryOutcome> {
    try {
      // One after the other: the next is not there before this one is for sure.
      for (const event of statusEvents(entry, origin)) await this.publisher.publish(event);
      return { kind: 'delivered' };
    } catch (error) {
      if (!(error instanceof DispatchTooLargeError)) throw error;
      return { kind: 'refused', code: error.code, message: error.message };
    }
  }
}
