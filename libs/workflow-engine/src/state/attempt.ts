/** An attempt of a task that has begun, or waits to begin. Instants are milliseconds since 1970; attempts count from 1. */
export interface AttemptState {
  readonly attempt: number;
  /**
   * The attempt whose idempotency key this attempt uses. A new key is used only when every call
   * under the one before is known to have failed: after an attempt of unknown outcome (a timeout,
   * a lost connection, a repeat) all later ones keep its key, whatever they are answered.
   */
  readonly keyAttempt: number;
  /** When the first call with that key was handed out; absent if that is this call, or if there was none. */
  readonly keyAt?: number;
  /**
   * How often the call of this attempt was handed out again, because its executor died or lost it; absent for
   * never. The outcome of the earlier calls is unknown; only a result of the last one counts.
   */
  readonly repeats?: number;
  /** How many of the earlier calls are known to have sent nothing; absent for none. */
  readonly unsent?: number;
  /** When this attempt began. */
  readonly startedAt: number;
  /** When the task's own timeout ends the attempt. */
  readonly timeoutAt?: number;
}
