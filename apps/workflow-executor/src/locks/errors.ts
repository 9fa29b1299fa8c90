import { FlowError } from '@app/errors';

/** Too many runs ended while they waited for a lock, so that it was not granted in one pass. */
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
