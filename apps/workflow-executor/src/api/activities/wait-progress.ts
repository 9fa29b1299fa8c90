import { doubleOf, isJsonObject, type JsonObject, type JsonValue } from '@app/json';
import { remindersIn, shownVote, timesIn, votesIn, type WaitReason } from '@app/workflow-engine';
import { isoTime, isoTimeIf } from '../iso-time.js';

/** What the approvers of a waiting task need to know. */
export interface ApprovalView {
  /** Votes that are still needed. */
  readonly open: number;
  readonly group: string | undefined;
  readonly instructions: JsonValue | undefined;
  /** Who may vote; left out for everybody. */
  readonly members: readonly string[] | undefined;
  readonly votes: readonly JsonObject[];
  /** When it times out. */
  readonly due: string | undefined;
  /** How many reminders were sent. */
  readonly reminded: number | undefined;
}

export function approvalOf(
  on: WaitReason | undefined,
  memory: JsonObject = {},
): ApprovalView | undefined {
  if (on?.kind !== 'approval') return undefined;
  const { votes, members } = votesIn(memory);
  const { open, group } = on;
  const due = isoTimeIf(timesIn(memory).dueAt);
  const reminded = remindersIn(memory) || undefined;
  const instructions = memory['instructions'];
  return { open, group, instructions, members, votes: votes.map(shownVote), due, reminded };
}

/** How far a worker, or the runs of a map, have come. */
export function progressOf(
  on: WaitReason | undefined,
  memory: JsonObject = {},
): JsonValue | undefined {
  if (on?.kind === 'worker') return reportOf(memory['progress']);
  const { total, next = null, failed = null } = memory;
  return on?.kind === 'children' && total !== undefined
    ? { total, begun: next, open: on.open, failed }
    : undefined;
}

/** What a worker reported last. The record has the time in milliseconds. */
function reportOf(progress: JsonValue | undefined): JsonValue | undefined {
  if (progress === undefined || !isJsonObject(progress)) return progress;
  const at = doubleOf(progress['at'] ?? null);
  return at === undefined ? progress : { ...progress, at: isoTime(at) };
}
