import { doubleOf } from '@app/json';
import {
  NAME_CHARS_MAX,
  RETRY_ATTEMPTS_MAX,
  RETRY_DELAY_MS_MAX,
  RETRY_WHEN_MAX,
} from '../bounds.js';
import {
  type Backoff,
  BACKOFFS,
  RETRY_ENDS,
  type RetryPolicy,
  RUN_RETRY_FROM,
  type RunRetryPolicy,
} from '../definition/definition.js';
import { Members } from './members.js';
import { type ProblemList } from './problem-list.js';

const DELAY = { min: 1, max: RETRY_DELAY_MS_MAX } as const;
const OF_EVERY_BACKOFF = ['attemptsMax', 'backoff', 'jitter', 'when'];
const FAILURE_NAME = /^[^\s]+$/;

/** Gives the untrusted `retry` of a task its shape; see `readDefinition`. */
export function readRetry(input: unknown, path: string, problems: ProblemList): RetryPolicy {
  const members = membersOf(input, path, 'then', problems);
  const then = members.oneOf('then', RETRY_ENDS);
  // A default is not kept, so that equal definitions have one form.
  return { ...readPolicy(members), ...(then === 'pause' && { then }) };
}

/** The same of a whole run. */
export function readRunRetry(input: unknown, problems: ProblemList): RunRetryPolicy {
  const members = membersOf(input, 'retry', 'from', problems);
  const from = members.oneOf('from', RUN_RETRY_FROM);
  return { ...readPolicy(members), ...(from === 'start' && { from }) };
}

function membersOf(input: unknown, path: string, own: string, problems: ProblemList): Members {
  const isList = backoffIn(input) === 'list';
  const ofBackoff = isList ? ['delaysMs'] : ['delayMs', 'delayMsMax'];
  const members = new Members(input, path, [...OF_EVERY_BACKOFF, own, ...ofBackoff], problems);
  members.require('attemptsMax', 'backoff', ...ofBackoff);
  return members;
}

function readPolicy(members: Members): RunRetryPolicy {
  const backoff = members.oneOf('backoff', BACKOFFS) ?? 'fixed';
  const jitter = members.number('jitter', { min: 0, max: 1 });
  return {
    attemptsMax: members.integer('attemptsMax', { min: 1, max: RETRY_ATTEMPTS_MAX }) ?? 1,
    ...readDelays(members, backoff),
    ...(jitter !== undefined && jitter > 0 && { jitter }),
    ...(members.value('when') !== undefined && { when: readWhen(members) }),
  };
}

function backoffIn(input: unknown): unknown {
  return typeof input === 'object' && input !== null && 'backoff' in input
    ? input.backoff
    : undefined;
}

function readDelays(members: Members, backoff: Backoff['backoff']): Backoff {
  if (backoff !== 'list') {
    const delayMs = members.integer('delayMs', DELAY) ?? DELAY.min;
    return { backoff, delayMs, delayMsMax: members.integer('delayMsMax', DELAY) ?? DELAY.max };
  }
  const delaysMs = members.list('delaysMs', RETRY_ATTEMPTS_MAX).flatMap((one) => {
    const delayMs = doubleOf(one);
    const isDelay = Number.isInteger(delayMs) && isWithin(delayMs ?? 0, DELAY);
    return isDelay && delayMs !== undefined ? delayMs : [];
  });
  const written = members.value('delaysMs');
  if (delaysMs.length === 0 || (Array.isArray(written) && delaysMs.length < written.length)) {
    members.reject('delaysMs', `must be whole numbers from ${DELAY.min} to ${DELAY.max}`);
  }
  return { backoff, delaysMs };
}

function isWithin(value: number, { min, max }: typeof DELAY): boolean {
  return value >= min && value <= max;
}

function readWhen(members: Members): readonly string[] {
  const written = members.list('when', RETRY_WHEN_MAX);
  const names = written.flatMap((one) => {
    const text = typeof one === 'string' ? one : String(doubleOf(one) ?? '');
    return text.length <= NAME_CHARS_MAX && FAILURE_NAME.test(text) ? text : [];
  });
  if (names.length === 0 || names.length < written.length) {
    members.reject(
      'when',
      'must be codes of failures, or statuses as 503, "5xx" and "500-504", and not empty',
    );
  }
  return names;
}
