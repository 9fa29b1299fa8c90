import { type CloudEvent } from '@app/events';
import { parseTraceparent } from '@app/observability';

/**
 * Gives an event without a trace the one it came in with, as the distributed tracing extension lets
 * middleware do. A trace that it has is where its journey began, and is kept.
 */
export function withTraceparent(event: CloudEvent, traceparent: string | undefined): CloudEvent {
  if (traceparent === undefined || !parseTraceparent(traceparent)) return event;
  if (Object.hasOwn(event.extensions, 'traceparent')) return event;
  return { ...event, extensions: { ...event.extensions, traceparent } };
}
