import { FlowError } from '@app/errors';

/** The same `source` and `id` came before, with another type, subject or data. */
export class EventConflictError extends FlowError {
  readonly code = 'EVENT_CONFLICT';
  readonly kind = 'conflict';

  constructor(readonly activityId: string) {
    super(
      'An event with the same source and id but other content was accepted before; ' +
        'give each event an id of its own',
    );
  }
}

/** Neither MongoDB nor JetStream can take an event now: nothing was accepted. */
export class NothingToRecordOnError extends FlowError {
  readonly code = 'RECORDING_UNAVAILABLE';
  readonly kind = 'transient';

  constructor(cause: unknown) {
    super('The event can be recorded nowhere at the moment; send it again later', {
      cause,
      retryAfterSeconds: 5,
    });
  }
}
