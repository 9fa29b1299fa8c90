import { type CloudEvent } from '@app/events';
import { type JsonObject, toJsonText } from '@app/json';
import { type StatusPublisher, DispatchTooLargeError } from '@app/messaging';
import { type OutboxEntry } from '@app/workflow-engine';
import { type DeliveryOutcome, type EntryOrigin, OutboxDelivery } from './outbox-delivery.js';

/** As Boomerang's engine called it. */
const STATUS_TYPE = 'io.boomerang.event.status.workflowrun';

/** Tells of a new status of an activity by a CloudEvent in JetStream (docs/status-events.md). */
export class StatusEventDelivery extends OutboxDelivery {
  constructor(private readonly publisher: Pick<StatusPublisher, 'available' | 'publish'>) {
    super();
  }

  override get available(): boolean {
    return this.publisher.available;
  }

  override async deliver(entry: OutboxEntry, origin: EntryOrigin): Promise<DeliveryOutcome> {
    const { workflowId } = origin;
    const told = entry.payload as JsonObject & { readonly status: string };
    const event = statusEvent(entry, origin, told);
    try {
      await this.publisher.publish({ workflowId, status: told.status, event });
      return { kind: 'delivered' };
    } catch (error) {
      if (!(error instanceof DispatchTooLargeError)) throw error;
      return { kind: 'refused', code: error.code, message: error.message };
    }
  }
}

/** The same each time, so that whoever gets it twice can tell. */
function statusEvent(
  { id: entryId, createdAt }: OutboxEntry,
  { id, workflowId, workflowRevision, trigger, event: cause }: EntryOrigin,
  { status = null, previous = null, code = null }: JsonObject,
): CloudEvent {
  const run = { activityid: id, workflowId, workflowRevision, trigger };
  const failure = code === null ? {} : { failure: { code } };
  const value = { ...run, status, previous, ...failure };
  const { traceparent } = cause.extensions;
  return {
    specversion: '1.0',
    id: `${id}:${entryId}`,
    source: `/workflows/${workflowId}`,
    type: STATUS_TYPE,
    subject: `/activities/${id}`,
    time: new Date(createdAt).toISOString(),
    datacontenttype: 'application/json',
    extensions: {
      sequence: entryId.padStart(10, '0'),
      ...(traceparent !== undefined && { traceparent }),
    },
    data: { kind: 'json', text: toJsonText(value), value },
  };
}
