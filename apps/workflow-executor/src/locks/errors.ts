import { FlowError } from '@app/errors';

/** So many runs ended while they waited for a lock that it is not given to anybody in one go. */
export class LockUnservedError extends FlowError {
  readonly code = 'LOCK_UNSERVED';
  readonly kind = 'transient';

  constructor(
    readonly lock: string,
    readonly passed: number,
  ) {
    super(
      `${passed} runs ended while they waited for the lock "${lock}"; the next delivery goes on behind them`,
    );
  }
}
