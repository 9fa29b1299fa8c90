import { doubleOf } from '@app/json';
import { type RetryPolicy } from '../../definition/definition.js';
import { FAILURE_CODES } from '../../state/failure.js';
import { type FailedOutcome } from '../../state/task-result.js';
import { statusRangeOf } from '../../task-types/http/expected-status.js';

/**
 * What follows a failed attempt. A failure that the policy names is tried again, whatever the task type says; without
 * names the task type decides. A task that an operator ended is not tried again.
 */
export function afterFailure(
  policy: RetryPolicy | undefined,
  attempt: number,
  failed: FailedOutcome,
): 'retry' | 'pause' | 'fail' {
  if (policy === undefined || failed.code === FAILURE_CODES.TASK_FORCED) return 'fail';
  const { when, then = 'fail', attemptsMax } = policy;
  const helps = when === undefined ? failed.retryable : when.some((name) => isMeant(name, failed));
  return helps && attempt < attemptsMax ? 'retry' : then;
}

/** Whether a name of `when` means that failure. */
export function isMeant(
  name: string,
  { code, results = {} }: Pick<FailedOutcome, 'code' | 'results'>,
): boolean {
  if (name === code) return true;
  const range = statusRangeOf(name);
  const status = doubleOf(results['statusCode']);
  return range !== undefined && status !== undefined && status >= range.from && status <= range.to;
}
