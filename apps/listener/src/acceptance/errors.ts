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

/** Nothing waits for an event by its key, and as many as may be are kept for what will (`EARLY_EVENTS_MAX`). */
export class EarlyEventsFullError extends FlowError {
  readonly code = 'EARLY_EVENTS_FULL';
  readonly kind = 'rate-limited';

  constructor() {
    super(
      'Nothing waits for this topic and correlation key, and as many events as may be are kept for what ' +
        'will wait; send it again later',
      { retryAfterSeconds: 30 },
    );
  }
}

/**
 * Neither MongoDB nor JetStream has confirmed the event. One of them may have stored it, so it can run although it
 * was not accepted.
 */
export class NothingToRecordOnError extends FlowError {
  readonly code = 'RECORDING_UNAVAILABLE';
  readonly kind = 'transient';

  constructor(cause: unknown) {
    super(
      `${reasonOf(cause)}; send it again later with the same id ` +
        '(a webhook: the same Idempotency-Key), so that it runs once whatever became of this one',
      { cause, retryAfterSeconds: 5 },
    );
  }
}

/** An event that is too large for JetStream alone is not refused for good: MongoDB takes it when it is back. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof DispatchTooLargeError)) {
    return 'The event can be recorded nowhere at the moment';
  }
  const { bytes, bytesMax } = cause;
  return (
    `While MongoDB is gone, events of up to ${bytesMax} bytes as a message can be kept, ` +
    `and this one takes ${bytes}`
  );
}
