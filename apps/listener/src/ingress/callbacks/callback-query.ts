import { isWorkflowId } from '@app/events';
import { type FastifyRequest } from 'fastify';
import { QueryInvalidError } from '../errors.js';
import { queryParameter } from '../request-query.js';

const TOPIC_CHARS_MAX = 256;
const ACTIVITY_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** As versions 3 and 4 of Boomerang Flow and its events write them, in any case. */
const OUTCOMES: ReadonlyMap<string, Outcome> = new Map([
  ['success', 'succeeded'],
  ['succeeded', 'succeeded'],
  ['completed', 'succeeded'],
  ['failure', 'failed'],
  ['failed', 'failed'],
  ['fail', 'failed'],
]);

export type Outcome = 'succeeded' | 'failed';

export interface CallbackQuery {
  readonly activityId: string;
  /** Only if the request names it, as version 3 did. */
  readonly workflowId: string | undefined;
  readonly topic: string;
  readonly outcome: Outcome;
  readonly correlationKey: string | undefined;
}

/** @throws QueryInvalidError */
export function callbackQuery(request: FastifyRequest): CallbackQuery {
  const activityId =
    queryParameter(request, 'workflowActivityId') ??
    queryParameter(request, 'workflowrun') ??
    queryParameter(request, 'ref');
  if (activityId === undefined || !ACTIVITY_ID.test(activityId)) {
    throw new QueryInvalidError('ref', 'must be the id of an activity');
  }
  const workflowId = queryParameter(request, 'workflowId');
  if (workflowId !== undefined && !isWorkflowId(workflowId)) {
    throw new QueryInvalidError('workflowId', 'must be 1 to 64 of A-Z, a-z, 0-9, "_" and "-"');
  }
  const topic = queryParameter(request, 'topic');
  if (topic === undefined || topic.length > TOPIC_CHARS_MAX) {
    throw new QueryInvalidError('topic', `must be a text of 1 to ${TOPIC_CHARS_MAX} characters`);
  }
  const correlationKey = queryParameter(request, 'correlationKey');
  if (correlationKey !== undefined && correlationKey.length > TOPIC_CHARS_MAX) {
    throw new QueryInvalidError(
      'correlationKey',
      `must have ${TOPIC_CHARS_MAX} characters at most`,
    );
  }
  const status = queryParameter(request, 'status') ?? 'succeeded';
  const outcome = OUTCOMES.get(status.toLowerCase());
  if (outcome === undefined) {
    throw new QueryInvalidError('status', `must be one of ${[...OUTCOMES.keys()].join(', ')}`);
  }
  return { activityId, workflowId, topic, outcome, correlationKey };
}
