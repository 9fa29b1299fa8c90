import { FlowError } from '@app/errors';

/** Bytes that should be JSON are not. Neither the message nor a cause repeats any of them. */
export class BodyNotJsonError extends FlowError {
  readonly code = 'BODY_NOT_JSON';
  readonly kind = 'invalid';

  constructor(readonly reason: string) {
    super(`The body is not JSON: ${reason}`);
  }
}
