import { FlowError } from '@app/errors';

export class ParameterNotFoundError extends FlowError {
  readonly code = 'PARAMETER_NOT_FOUND';
  readonly kind = 'not-found';

  constructor(name: string) {
    super(`The installation has no parameter "${name}"`);
  }
}
