import { type CloudEvent } from './cloud-event.js';

/** W3C Trace Context, section 3.2: version, trace id, parent id, flags; neither id is all zeros. */
const TRACEPARENT =
  /^([\da-f]{2})-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}(-[\x21-\x7e]*)?$/;

/** Later versions than 00 may have more parts; ff is no version. */
export function isTraceparent(text: string): boolean {
  const match = TRACEPARENT.exec(text);
  if (!match) return false;
  const [, version, more] = match;
  return version === '00' ? more === undefined : version !== 'ff';
}

/**
 * Gives an event without a trace the one it came in with, as the distributed tracing extension lets
 * middleware do. A trace that it has is where its journey began, and is kept.
 */
export function withTraceparent(event: CloudEvent, traceparent: string | undefined): CloudEvent {
  if (traceparent === undefined || !isTraceparent(traceparent)) return event;
  if (Object.hasOwn(event.extensions, 'traceparent')) return event;
  return { ...event, extensions: { ...event.extensions, traceparent } };
}
