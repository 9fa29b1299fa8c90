import { comparableName } from '@app/errors';
import { doubleOf, isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '@app/json';
import { APPROVERS_MAX, INSTRUCTIONS_CHARS_MAX, NAME_CHARS_MAX, REMIND_MS_MIN } from '../bounds.js';
import { FAILURE_CODES } from '../state/failure.js';
import { textOf } from '../json.js';
import { type VoteSignal } from '../state/signal.js';
import { type WaitingTask, type WaitReason } from '../state/waiting.js';
import { durationMs, durationRule } from './times.js';
import { countRule, readCount, readTexts, textRule, textsRule } from './param-rules.js';
import {
  invalidParam,
  type ParamRule,
  type Reached,
  type Received,
  type TaskBehaviour,
  type TaskContext,
  type WaitInput,
} from './task-behaviour.js';

const INSTRUCTIONS = textRule('What whoever decides has to know.', INSTRUCTIONS_CHARS_MAX);
const GROUP = textRule(
  'Who may decide, by the groups of their tokens; beside `members` it is only shown.',
  NAME_CHARS_MAX,
);
const MEMBERS = textsRule(
  'Who may decide, by the labels of their tokens; without it, whoever may vote on the workflow.',
  APPROVERS_MAX,
  NAME_CHARS_MAX,
);
const DUE = durationRule('Whoever has not decided by then lets the attempt time out.');

const REMIND: ParamRule = {
  required: false,
  about: 'How long until it is told that it still waits, and again each time.',
  schema: { type: ['string', 'integer'] },
  problem: (value) =>
    (durationMs(value) ?? 0) >= REMIND_MS_MIN
      ? undefined
      : `must be a duration of at least ${REMIND_MS_MIN / 1_000} seconds, as "1d"`,
};

const MANUAL_RULES: ReadonlyMap<string, ParamRule> = new Map([
  ['instructions', INSTRUCTIONS],
  ['group', GROUP],
  ['members', MEMBERS],
  ['due', DUE],
  ['remind', REMIND],
]);
const APPROVAL_RULES: ReadonlyMap<string, ParamRule> = new Map([
  ['approvers', countRule('How many have to approve; 1 unless it says otherwise.', APPROVERS_MAX)],
  ...MANUAL_RULES,
]);

const RESULTS = ['votes', 'by'] as const;

/** Waits until so many people have approved. Each has one vote; the first rejection fails the task. */
export const approval: TaskBehaviour = {
  about: 'Waits until as many people as it takes have approved, or one has rejected.',
  params: APPROVAL_RULES,
  main: 'group',
  waits: true,
  resultNames: RESULTS,
  reach: (params, context) =>
    ask(params, APPROVAL_RULES, readCount(params['approvers'] ?? 1, APPROVERS_MAX) ?? 1, context),
  receive: decide,
};

/** Waits until somebody says that what has to be done by hand is done, or can't be. */
export const manual: TaskBehaviour = {
  about: 'Waits until somebody has done something by hand, and says so.',
  params: MANUAL_RULES,
  main: 'instructions',
  waits: true,
  resultNames: RESULTS,
  reach: (params, context) => ask(params, MANUAL_RULES, 1, context),
  receive: decide,
};

function ask(
  params: JsonObject,
  rules: ReadonlyMap<string, ParamRule>,
  open: number,
  { now }: TaskContext,
): Reached {
  const invalid = invalidParam(params, rules);
  if (invalid !== undefined) return invalid;
  const { instructions, group, members, due, remind } = params;
  const who = members === undefined ? undefined : readTexts(members, APPROVERS_MAX, NAME_CHARS_MAX);
  if (who !== undefined && new Set(who.map(comparableName)).size < open) {
    return {
      kind: 'invalid',
      param: 'members',
      detail: `must be at least ${open}, who all have to approve`,
    };
  }
  const dueAt = due === undefined ? {} : { dueAt: now + (durationMs(due) ?? 0) };
  const remindMs = remind === undefined ? {} : { remindMs: durationMs(remind) ?? 0 };
  const reminders = { ...dueAt, ...remindMs };
  return {
    kind: 'wait',
    on: {
      kind: 'approval',
      open,
      ...(group !== undefined && { group: textOf(group) }),
      since: now,
      ...untilOf(reminders, now),
    },
    memory: {
      votes: [],
      ...reminders,
      ...(instructions !== undefined && { instructions }),
      ...(who !== undefined && { members: who }),
    },
  };
}

/** Counts a vote. A second vote of a person, or one of a person who may not vote, is consumed without effect. */
function decide(
  { on, memory = {} }: WaitingTask,
  input: WaitInput,
  { now }: TaskContext,
): Received {
  if (on.kind !== 'approval') return { kind: 'ignored' };
  if (input.kind === 'due') return remindOf(on, memory, now);
  if (input.kind !== 'vote') return { kind: 'ignored' };
  const { votes, members } = votesIn(memory);
  const before = votes.map(({ by }) => by);
  const mayVote =
    members === undefined || members.map(comparableName).includes(comparableName(input.by));
  if (!mayVote || before.includes(input.by)) return { kind: 'wait', on, memory };
  const all: readonly JsonObject[] = [...votes, voteOf(input)];
  const results = { votes: all.map(shownVote), by: [...before, input.by] };
  if (input.verdict === 'rejected') {
    const said = input.comment === undefined ? '' : `: ${input.comment}`;
    const message = `Rejected by ${input.by}${said}`;
    const code = FAILURE_CODES.VOTE_REJECTED;
    return { kind: 'failed', code, message, retryable: false, outcomeKnown: true, results };
  }
  const open = on.open - 1;
  if (open === 0) return { kind: 'done', results };
  return { kind: 'wait', on: { ...on, open }, memory: { ...memory, votes: all } };
}

/** Counts a reminder, unless the approval is due: then the input is ignored, and the attempt times out. */
function remindOf(
  on: Extract<WaitReason, { kind: 'approval' }>,
  memory: JsonObject,
  now: number,
): Received {
  const { dueAt, remindMs } = timesIn(memory);
  if (remindMs === undefined || (dueAt !== undefined && dueAt <= now)) return { kind: 'ignored' };
  const reminded = remindersIn(memory) + 1;
  return {
    kind: 'wait',
    on: { ...on, ...untilOf(memory, now) },
    memory: { ...memory, reminded },
  };
}

/** The time of the next reminder or of the due time, whichever is earlier; absent without both. */
function untilOf(memory: JsonObject, now: number): { readonly until?: number } {
  const { dueAt = Infinity, remindMs = Infinity } = timesIn(memory);
  const until = Math.min(dueAt, now + remindMs);
  return until === Infinity ? {} : { until };
}

/** The due time of an approval, in milliseconds since 1970, and the delay between reminders, in milliseconds. */
export function timesIn({ dueAt = null, remindMs = null }: JsonObject): {
  readonly dueAt: number | undefined;
  readonly remindMs: number | undefined;
} {
  return { dueAt: doubleOf(dueAt), remindMs: doubleOf(remindMs) };
}

/** The number of reminders so far. */
export function remindersIn({ reminded = null }: JsonObject): number {
  return doubleOf(reminded) ?? 0;
}

function voteOf({ by, verdict, comment, at }: VoteSignal): JsonObject & { readonly by: string } {
  return { by, verdict, ...(comment !== undefined && { comment }), at };
}

interface Ballot {
  readonly votes: readonly (JsonObject & { readonly by: string })[];
  /** Who may vote; undefined for everybody. */
  readonly members: readonly string[] | undefined;
}

/** The votes so far, and who may vote. */
export function votesIn(memory: JsonObject): Ballot {
  const { votes, members } = memory;
  return {
    votes: (isJsonArray(votes) ? votes : []).filter(isVote),
    members: isJsonArray(members) ? members.map(textOf) : undefined,
  };
}

/** A vote as users see it: its time is ISO 8601 in UTC. The memory of the task has milliseconds since 1970. */
export function shownVote(vote: JsonObject): JsonObject {
  const at = doubleOf(vote['at'] ?? null);
  return at === undefined ? vote : { ...vote, at: new Date(at).toISOString() };
}

function isVote(vote: JsonValue): vote is JsonObject & { readonly by: string } {
  return isJsonObject(vote) && typeof vote['by'] === 'string';
}
