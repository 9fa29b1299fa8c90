import { FlowError } from '@app/errors';

/** The workflow has used up its quota of runs for this calendar month (UTC). */
export class QuotaExceededError extends FlowError {
  readonly code = 'QUOTA_EXCEEDED';
  readonly kind = 'rate-limited';

  constructor(workflowId: string, runsPerMonth: number, resetsAt: number, now: number) {
    super(
      `Workflow "${workflowId}" has had the ${runsPerMonth} runs of its month; the next month begins at ` +
        `${new Date(resetsAt).toISOString()}. Until then its quota would have to be raised`,
      { retryAfterSeconds: Math.max(1, Math.ceil((resetsAt - now) / 1_000)) },
    );
  }
}
