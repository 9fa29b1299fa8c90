import { type Problem } from '@app/errors';
import { type EventData } from './cloud-event.js';

/**
 * An event as it was read from some message: its data is understood, its attributes are not checked
 * yet. Between the two the ingress looks at the subject, to see whose token the sender must have.
 */
export interface RawEvent {
  /** By name, as sent. Undefined when the message holds none; `problems` then says why. */
  readonly attributes: Readonly<Record<string, unknown>> | undefined;
  readonly data: EventData | undefined;
  /** What is wrong with the message itself, up to here. */
  readonly problems: readonly Problem[];
}

/** The subject as sent, if it is a text at all. */
export function rawSubject(raw: RawEvent): string | undefined {
  const subject = raw.attributes?.['subject'];
  return typeof subject === 'string' ? subject : undefined;
}
