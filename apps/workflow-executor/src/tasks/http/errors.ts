import { FlowError } from '@app/errors';

/** A task tried to reach an address that tasks may not reach. */
export class AddressRefusedError extends FlowError {
  readonly code = 'HTTP_ADDRESS_REFUSED';
  readonly kind = 'forbidden';

  constructor(address: string) {
    super(
      `Tasks may not call "${address}": it is not a public address. ` +
        'HTTP_TASK_ALLOWED_NETWORKS names the networks that are allowed all the same.',
    );
  }
}

/** The callee's answer is larger than a task result may be. */
export class ResponseTooLargeError extends FlowError {
  readonly code = 'HTTP_RESPONSE_TOO_LARGE';
  readonly kind = 'invalid';

  constructor(bytesMax: number) {
    super(`The answer is larger than ${bytesMax} bytes (HTTP_TASK_RESPONSE_BYTES_MAX)`);
  }
}

/** An answer came whose body can't be read: a content coding that is unknown or broken, no HTTP. */
export class ResponseUnreadableError extends FlowError {
  readonly code = 'HTTP_RESPONSE_UNREADABLE';
  readonly kind = 'invalid';
}

/** The callee's answer is JSON beyond the bounds that all JSON from outside has. */
export class ResponseOutOfBoundsError extends FlowError {
  readonly code = 'HTTP_RESPONSE_OUT_OF_BOUNDS';
  readonly kind = 'invalid';

  constructor(detail: string) {
    super(`The JSON of the answer can't be taken: it ${detail}`);
  }
}
