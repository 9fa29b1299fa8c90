import { FlowError } from '@app/errors';

/** A request that replaces a workflow has to name the version that it replaces. */
export class EtagMissingError extends FlowError {
  readonly code = 'ETAG_MISSING';
  readonly kind = 'precondition-required';

  constructor() {
    super('Send If-Match with the ETag of the workflow that you have read ("*" for any version)');
  }
}

/** `If-Match` has no entity tag that a comparison could find equal. */
export class EtagInvalidError extends FlowError {
  readonly code = 'ETAG_INVALID';
  readonly kind = 'invalid';

  constructor() {
    super(
      'If-Match needs an ETag of the API with its quotes, as "3", or * for any version. ' +
        'A weak one (W/"3") matches none: a proxy that compresses answers may have made it weak',
    );
  }
}

export class ParameterNotFoundError extends FlowError {
  readonly code = 'PARAMETER_NOT_FOUND';
  readonly kind = 'not-found';

  constructor(name: string) {
    super(`The installation has no parameter "${name}"`);
  }
}
