import { FlowError, type Problem } from '@app/errors';

/** What was sent is no valid CloudEvent; `problems` names everything that is wrong with it. */
export class InvalidEventError extends FlowError {
  readonly code = 'EVENT_INVALID';
  readonly kind = 'invalid';

  constructor(problems: readonly Problem[]) {
    super('The event is not a valid CloudEvent; see the list of problems', { problems });
  }
}

/** A body is JSON, but nested too deep, with too many members or with keys that can't be stored. */
export class BodyOutOfBoundsError extends FlowError {
  readonly code = 'BODY_OUT_OF_BOUNDS';
  readonly kind = 'invalid';

  constructor(problems: readonly Problem[]) {
    super('The body exceeds the bounds; see the list of problems', { problems });
  }
}

/** A batch is invalid as a whole; none of its events was read. */
export class InvalidBatchError extends FlowError {
  readonly code = 'BATCH_INVALID';
  readonly kind = 'invalid';

  constructor(reason: string) {
    super(`The batch is not valid: ${reason}`);
  }
}

/** A batch has more events than `BATCH_EVENTS_MAX`; send it in parts. */
export class BatchTooLargeError extends FlowError {
  readonly code = 'BATCH_TOO_LARGE';
  readonly kind = 'too-large';

  constructor(entries: number, entriesMax: number) {
    super(
      `The batch has ${entries} events, and at most ${entriesMax} are accepted (BATCH_EVENTS_MAX); send several batches`,
    );
  }
}

/** No reader for this media type, or not in this charset. */
export class UnsupportedContentTypeError extends FlowError {
  readonly code = 'CONTENT_TYPE_UNSUPPORTED';
  readonly kind = 'unsupported-media-type';

  constructor(readonly accepted: readonly string[]) {
    super(`The content type is not supported; send one of: ${accepted.join(', ')}`);
  }
}

/** A signed message has content that our services do not write: sender and receiver differ in version. */
export class InvalidDispatchError extends FlowError {
  readonly code = 'DISPATCH_INVALID';
  readonly kind = 'invalid';

  constructor(reason: string, options?: ErrorOptions) {
    super(`The dispatch can't be read: ${reason}`, options);
  }
}

/** A message claims to have come through the listener, but its signature is missing or not ours. */
export class DispatchSignatureInvalidError extends FlowError {
  readonly code = 'DISPATCH_SIGNATURE_INVALID';
  readonly kind = 'forbidden';

  constructor() {
    super(
      'The signature of the dispatch is missing or wrong; give every service the same INTERNAL_SECRET',
    );
  }
}
