import { type CloudEvent } from '@app/events';
import {
  DispatchFailedError,
  DispatchRefusedError,
  DispatchTooLargeError,
  type EventPublisher,
  NoRoomError,
  NoStreamError,
} from '@app/messaging';
import { type EventTarget } from '@app/workflow-engine';
import { failed } from '../http/broken-call.js';
import { type TaskOutcome } from '../task-handler.js';

type NatsTarget = Extract<EventTarget, { kind: 'nats' }>;

interface Sending {
  readonly event: CloudEvent;
  readonly mode: 'binary' | 'structured';
  readonly to: NatsTarget;
  /** How often the attempt has been handed out before. */
  readonly repeats: number;
}

/** The first wait on record while NATS is away, in milliseconds. It grows, so that an outage costs few writes. */
const AWAY_MS_MIN = 500;
const AWAY_MS_MAX = 60_000;

/** The part of a publisher that is used here. */
export type Publishing = Pick<EventPublisher, 'available' | 'subjectProblem' | 'store' | 'send'>;

/** Publishes events to NATS and converts the results into outcomes of tasks. */
export class NatsEvents {
  /** @param publisher undefined in an installation without NATS */
  constructor(private readonly publisher: Publishing | undefined) {}

  async send({ event, mode, to, repeats }: Sending): Promise<TaskOutcome> {
    const { publisher } = this;
    const { subject, isStored } = to;
    if (!publisher) return failed('EVENT_NATS_MISSING', NO_NATS, false);
    const problem = publisher.subjectProblem(subject);
    if (problem !== undefined) {
      return failed('EVENT_SUBJECT_REFUSED', `The subject "${subject}" ${problem}`, false);
    }
    if (!publisher.available) return { kind: 'postponed', delayMs: awayMs(repeats) };
    try {
      const message = { subject, event, mode };
      if (!isStored) {
        await publisher.send(message);
        return { kind: 'succeeded', results: { id: event.id } };
      }
      const { stream, sequence, duplicate } = await publisher.store(message);
      return { kind: 'succeeded', results: { id: event.id, stream, sequence, duplicate } };
    } catch (error) {
      return outcomeOfError(error, subject, repeats);
    }
  }
}

const NO_NATS =
  'This installation has no NATS (EVENTING_DRIVER=http), so events can be sent to URLs only';

function outcomeOfError(error: unknown, subject: string, repeats: number): TaskOutcome {
  if (error instanceof NoRoomError) return { kind: 'postponed', delayMs: awayMs(repeats) };
  if (error instanceof DispatchTooLargeError) {
    return failed('EVENT_TOO_LARGE', error.message, false);
  }
  if (error instanceof NoStreamError) {
    const message =
      `No stream of JetStream has the subject "${subject}", so the event would not be stored. Create a stream ` +
      'for it, or set "stored: false" if only current subscribers should get it';
    return failed('EVENT_NO_STREAM', message, true);
  }
  if (error instanceof DispatchRefusedError) {
    // An answer that is not from JetStream came from a subscriber of the subject, which has the event.
    const isKnown = error.errCode !== undefined;
    return failed(
      'EVENT_REFUSED',
      `The event was refused on "${subject}": ${error.message}`,
      true,
      isKnown,
    );
  }
  if (!(error instanceof DispatchFailedError)) throw error;
  const message = `It is not known whether the event was stored on "${subject}": ${error.message}`;
  return failed('EVENT_UNACKNOWLEDGED', message, true, false);
}

function awayMs(repeats: number): number {
  return Math.min(AWAY_MS_MIN * 2 ** Math.min(repeats, 10), AWAY_MS_MAX);
}
