import { FlowError } from '@app/errors';

/** A request that replaces a workflow has to name the version that it replaces. */
export class EtagMissingError extends FlowError {
  readonly code = 'ETAG_MISSING';
  readonly kind = 'precondition-required';

  constructor() {
    super('Send If-Match with the ETag of the workflow that you have read ("*" for any version)');
  }
}

export class ParameterNotFoundError extends FlowError {
  readonly code = 'PARAMETER_NOT_FOUND';
  readonly kind = 'not-found';

  constructor(name: string) {
    super(`The installation has no parameter "${name}"`);
  }
}
