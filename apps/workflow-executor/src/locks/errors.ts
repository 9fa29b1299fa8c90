import { FlowError } from '@app/errors';

/** Too many of the runs that waited for a lock have ended, so one delivery could not find the next holder. */
export class LockUnservedError extends FlowError {
  readonly code = 'LOCK_UNSERVED';
  readonly kind = 'transient';

  constructor(
    readonly lock: string,
    readonly passed: number,
  ) {
    super(
      `${passed} runs ended while they waited for the lock "${lock}"; the next delivery continues after them`,
    );
  }
}
