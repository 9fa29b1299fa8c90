import { createHash } from 'node:crypto';
import { type TriggerKind } from '@app/events';
import { toJsonText } from '@app/json';
import { HOUR_MS } from '@app/workflow-engine';

/** What the listener may decide about an event, or about a request that has none yet. */
export const DECISION_OUTCOMES = [
  'accepted',
  'duplicate',
  'conflict',
  'filtered',
  'trigger-off',
  'refused',
  'rate-limited',
  'signalled',
  'kept',
] as const;

export type DecisionOutcome = (typeof DECISION_OUTCOMES)[number];

/** What one clause of a filter came to. Values are JSON text, cut; what it saw of data is left out. */
export interface DecidedClause {
  readonly path: string;
  readonly holds: boolean;
  readonly wants: string;
  readonly saw?: string;
  readonly reason?: string;
}

export interface Decision {
  readonly outcome: DecisionOutcome;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Of docs/errors.md, for what was not accepted. */
  readonly code?: string | undefined;
  /** Absent for a request that was rejected before its workflow was looked at. */
  readonly workflowId?: string | undefined;
  readonly trigger?: TriggerKind | undefined;
  readonly eventId?: string | undefined;
  readonly source?: string | undefined;
  readonly type?: string | undefined;
  readonly activityId?: string | undefined;
  readonly remoteAddress?: string | undefined;
  readonly clauses?: readonly DecidedClause[] | undefined;
}

/** Decisions that share a record: one event's within an hour, or those of one kind that had no room. */
export interface DecisionRecord {
  readonly id: string;
  /** Facts of the first one; only what all have in common, if they are of many events. */
  readonly first: Decision;
  readonly count: number;
  readonly lastAt: number;
}

/** A record is of one hour (UTC), so that a list by time need not look further back. */
export const DECISION_RECORD_MS = HOUR_MS;
/** What is kept of each text that a stranger sent, in characters. */
const TEXT_CHARS_MAX = 256;

/** What is counted together, and has its own share of what may be written. */
export function kindOf({ workflowId, trigger, outcome, code }: Decision): string {
  return [workflowId, trigger, outcome, code].join(' ');
}

/** A record of its own; the same decision about the same event within the hour is the same record. */
export function recordOf(decision: Decision): DecisionRecord {
  const { eventId, source, type, remoteAddress, at } = decision;
  const first: Decision = {
    ...decision,
    eventId: cut(eventId),
    source: cut(source),
    type: cut(type),
    remoteAddress: cut(remoteAddress),
  };
  const about = eventId === undefined ? [remoteAddress ?? ''] : [source ?? '', eventId];
  return { id: idOf(decision, about), first, count: 1, lastAt: at };
}

/**
 * The record in which decisions of one kind are only counted.
 * @param last the one before it of this kind: within an hour both have one id, which need not be made again
 */
export function countedRecordOf(decision: Decision, last?: DecisionRecord): DecisionRecord {
  const { outcome, at, code, workflowId, trigger } = decision;
  const first = { outcome, at, code, workflowId, trigger };
  const isOfHour = last !== undefined && hourOf(last.lastAt) === hourOf(at);
  return { id: isOfHour ? last.id : idOf(decision, 'counted'), first, count: 1, lastAt: at };
}

export function mergeRecords(a: DecisionRecord, b: DecisionRecord): DecisionRecord {
  return {
    id: a.id,
    first: a.first.at <= b.first.at ? a.first : b.first,
    count: a.count + b.count,
    lastAt: Math.max(a.lastAt, b.lastAt),
  };
}

function idOf(decision: Decision, about: readonly string[] | 'counted'): string {
  return createHash('sha256')
    .update(toJsonText([kindOf(decision), about, hourOf(decision.at)]))
    .digest('base64url')
    .slice(0, 22);
}

function hourOf(at: number): number {
  return Math.floor(at / DECISION_RECORD_MS);
}

function cut(text: string | undefined): string | undefined {
  return text === undefined ? undefined : keptText(text);
}

/** As an id or a source of an event is kept, and therefore looked for. */
export function keptText(text: string): string {
  return text.slice(0, TEXT_CHARS_MAX);
}
