import { FlowError } from '@app/errors';

/** A task called an address that is neither public nor allowed. */
export class AddressRefusedError extends FlowError {
  readonly code = 'HTTP_ADDRESS_REFUSED';
  readonly kind = 'forbidden';

  constructor(address: string) {
    super(
      `Tasks may not call "${address}": it is not a public address. ` +
        'The operator may permit its network, such as HTTP_TASK_ALLOWED_NETWORKS=127.0.0.0/8.',
    );
  }
}

/** The answer of the target is larger than the limit. */
export class ResponseTooLargeError extends FlowError {
  readonly code = 'HTTP_RESPONSE_TOO_LARGE';
  readonly kind = 'invalid';

  constructor(bytesMax: number) {
    super(`The answer is larger than ${bytesMax} bytes (HTTP_TASK_RESPONSE_BYTES_MAX)`);
  }
}

/** The body of the answer can't be read: its content coding is unknown or invalid. */
export class ResponseUnreadableError extends FlowError {
  readonly code = 'HTTP_RESPONSE_UNREADABLE';
  readonly kind = 'invalid';
}

/** The answer is JSON beyond the limits of nesting, members or numbers for all JSON from outside. */
export class ResponseOutOfBoundsError extends FlowError {
  readonly code = 'HTTP_RESPONSE_OUT_OF_BOUNDS';
  readonly kind = 'invalid';

  constructor(detail: string) {
    super(`The JSON of the answer is not accepted: it ${detail}`);
  }
}
