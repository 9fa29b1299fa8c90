import { type Problem } from '@app/errors';
import { BodyInvalidError } from '@app/http';
import { isJsonObject, type JsonObject, type JsonValue } from '@app/json';
import { type ActivityRetryOf } from '@app/persistence';
import { oneOf, unknownMembers } from '../member-problems.js';

/** The options of a retry. */
export interface RetryWish extends Pick<ActivityRetryOf, 'from' | 'revision' | 'reason'> {
  /** Replaces the data of the event. */
  readonly data?: JsonValue;
}

const FROM = ['failed', 'start'] as const;
const REVISIONS = ['pinned', 'latest'] as const;
const REASON_CHARS_MAX = 1_000;
const MEMBERS: readonly string[] = ['from', 'revision', 'data', 'reason'];

/**
 * Reads the body of a retry. An empty body retries from the failed tasks, on the revision of the run.
 * @throws BodyInvalidError with everything that is wrong
 */
export function readRetryWish(body: unknown): RetryWish {
  // What a body has is JSON.
  const given = (body ?? {}) as JsonValue;
  if (!isJsonObject(given)) throw new BodyInvalidError('The body is a JSON object, or empty');
  const { from = 'failed', revision = 'pinned', reason = 'no reason was given', data } = given;
  const problems: Problem[] = [
    ...oneOf('from', from, FROM),
    ...oneOf('revision', revision, REVISIONS),
    ...reasonProblems(reason),
    ...inputProblems(given),
    ...unknownMembers(given, MEMBERS),
  ];
  if (problems.length > 0)
    throw new BodyInvalidError('The request has members that are not valid', problems);
  const wish = { from, revision, reason } as Pick<RetryWish, 'from' | 'revision' | 'reason'>;
  return { ...wish, ...(data !== undefined && { data }) };
}

function reasonProblems(reason: JsonValue): readonly Problem[] {
  if (typeof reason === 'string' && reason.length <= REASON_CHARS_MAX) return [];
  return [{ path: 'reason', detail: `must be a text of at most ${REASON_CHARS_MAX} characters` }];
}

/**
 * New data requires a start from the beginning: tasks that succeeded did so with the old data, and an approval was
 * given for them.
 */
function inputProblems({ from, data }: JsonObject): readonly Problem[] {
  if (data === undefined || from === 'start') return [];
  const detail = 'needs "from": "start": what succeeded was done with the data that there was';
  return [{ path: 'data', detail }];
}
