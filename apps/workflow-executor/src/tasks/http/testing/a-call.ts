import { type HttpCallParams } from '@app/workflow-engine';
import { CallLimiter } from '../../call-limiter.js';
import { type TaskCall } from '../../task-handler.js';

/** A call of an `http` task, a GET unless `params` says otherwise. */
export function aCall(
  params: Partial<HttpCallParams> & { readonly url: string },
  abort = new AbortController().signal,
): TaskCall<'http'> {
  return {
    effect: {
      kind: 'call',
      type: 'http',
      task: 'call',
      attempt: 2,
      keyAttempt: 1,
      repeats: 0,
      params: { method: 'GET', headers: [], ...params },
    },
    scope: {},
    workflowId: 'workflow-1',
    idempotencyKey: 'activity:call:1',
    traceparent: '00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-01',
    abort,
    bytes: 0,
    roomForAnswer: () => Promise.resolve(),
    report: () => undefined,
  };
}

export const HTTP_LIMITS = {
  responseBytesMax: 1_000,
  connectTimeoutMs: 5_000,
  redirectsMax: 3,
  json: { nestingMax: 8, membersMax: 100 },
};

/** Enough that nobody waits. */
export function someLimiter(): CallLimiter {
  const max = 100;
  return new CallLimiter({
    callsMax: max,
    perOriginMax: max,
    perWorkflowMax: max,
    waitingMax: max,
    bytesPerOriginMax: Infinity,
  });
}
