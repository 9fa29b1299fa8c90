import { isWorkflowId, WORKFLOW_ID_RULE } from '@app/events';
import { type FastifyRequest } from 'fastify';
import { QueryInvalidError } from '../errors.js';
import { queryParameter } from '../request-query.js';

export const TOPIC_CHARS_MAX = 256;
const ACTIVITY_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** The statuses of versions 3 and 4 of Boomerang Flow and of its events. Upper and lower case are the same. */
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
  /** Absent if topic and correlation key select the activities. */
  readonly activityId: string | undefined;
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
  const correlationKey = correlationKeyIn(request);
  if (activityId === undefined && correlationKey === undefined)
    throw new QueryInvalidError(
      'ref',
      'must be the id of an activity, unless there is a "correlationKey"',
    );
  if (activityId !== undefined && !ACTIVITY_ID.test(activityId)) {
    throw new QueryInvalidError('ref', 'must be the id of an activity');
  }
  const workflowId = queryParameter(request, 'workflowId');
  if (workflowId !== undefined && !isWorkflowId(workflowId)) {
    throw new QueryInvalidError('workflowId', `must be ${WORKFLOW_ID_RULE}`);
  }
  const topic = queryParameter(request, 'topic');
  if (topic === undefined || topic.length > TOPIC_CHARS_MAX) {
    throw new QueryInvalidError('topic', `must be a text of 1 to ${TOPIC_CHARS_MAX} characters`);
  }
  const outcome = outcomeOf(queryParameter(request, 'status') ?? 'succeeded');
  if (outcome === undefined) throw new QueryInvalidError('status', STATUS_RULE);
  return { activityId, workflowId, topic, outcome, correlationKey };
}

/** The problem of an unknown status. */
export const STATUS_RULE = `must be one of ${[...OUTCOMES.keys()].join(', ')}`;

/** The outcome that a status stands for, in upper or lower case; undefined if it is unknown. */
export function outcomeOf(status: string): Outcome | undefined {
  return OUTCOMES.get(status.toLowerCase());
}

/** The correlation key, from `correlationKey` or from `correlationid`, as CloudEvents name it. */
function correlationKeyIn(request: FastifyRequest): string | undefined {
  const [key, id] = ['correlationKey', 'correlationid'].map((name) =>
    queryParameter(request, name),
  );
  if (key !== undefined && id !== undefined && key !== id)
    throw new QueryInvalidError(
      'correlationid',
      'must be the same as "correlationKey", or left out',
    );
  const named = key ?? id;
  if (named !== undefined && named.length > TOPIC_CHARS_MAX)
    throw new QueryInvalidError(
      'correlationKey',
      `must have ${TOPIC_CHARS_MAX} characters at most`,
    );
  return named;
}
