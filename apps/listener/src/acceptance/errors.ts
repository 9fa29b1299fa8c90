import { FlowError } from '@app/errors';
import { DispatchTooLargeError } from '@app/messaging';

/** An event with the same `source` and `id` was accepted before, with another type, subject or data. */
export class EventConflictError extends FlowError {
  readonly code = 'EVENT_CONFLICT';
  readonly kind = 'conflict';

  constructor(readonly activityId?: string) {
    super(
      'An event with the same source and id but other content was accepted before; ' +
        'give each event an id of its own',
    );
  }
}

/** No run waits for the event, and the limit of events kept for later runs is reached (`EARLY_EVENTS_MAX`). */
export class EarlyEventsFullError extends FlowError {
  readonly code = 'EARLY_EVENTS_FULL';
  readonly kind = 'rate-limited';

  constructor() {
    super(
      'No run waits for this topic and correlation key, and the limit of events that are kept for later runs ' +
        'is reached; send it again later',
      { retryAfterSeconds: 30 },
    );
  }
}

/**
 * Neither MongoDB nor JetStream has confirmed the event. Either may have stored it all the same, so it may run although
 * it was not accepted.
 */
export class NothingToRecordOnError extends FlowError {
  readonly code = 'RECORDING_UNAVAILABLE';
  readonly kind = 'transient';

  constructor(cause: unknown) {
    super(
      `${reasonOf(cause)}; send it again later with the same id ` +
        '(a webhook: the same Idempotency-Key): it then runs once, even if this request was stored',
      { cause, retryAfterSeconds: 5 },
    );
  }
}

/** Why the event was not recorded. An event that is only too large for JetStream is accepted once MongoDB is back. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof DispatchTooLargeError)) {
    return 'Neither MongoDB nor JetStream can store the event at the moment';
  }
  const { bytes, bytesMax } = cause;
  return (
    `MongoDB is unavailable, and JetStream stores messages of up to ${bytesMax} bytes; ` +
    `this event needs ${bytes}`
  );
}
