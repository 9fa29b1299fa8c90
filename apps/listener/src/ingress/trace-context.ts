import { type CloudEvent } from '@app/events';
import { parseTraceparent } from '@app/observability';

/**
 * Adds the `traceparent` of the request to an event that has none, as the distributed tracing extension of CloudEvents
 * allows. A `traceparent` of the event itself is kept, because that is where the trace began.
 */
export function withTraceparent(event: CloudEvent, traceparent: string | undefined): CloudEvent {
  if (traceparent === undefined || !parseTraceparent(traceparent)) return event;
  if (Object.hasOwn(event.extensions, 'traceparent')) return event;
  return { ...event, extensions: { ...event.extensions, traceparent } };
}
