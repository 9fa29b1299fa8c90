import { createHash, randomUUID } from 'node:crypto';

/** The trace of a request or event (W3C Trace Context, section 3.2). */
export interface TraceContext {
  /** 32 hex digits, not all zero. */
  readonly traceId: string;
  /** The span that caused this one: 16 hex digits, not all zero. */
  readonly parentId: string;
  readonly sampled: boolean;
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const NO_TRACE = '0'.repeat(32);
const NO_SPAN = '0'.repeat(16);

/** Parses a `traceparent`; undefined if it is not valid. An invalid one is ignored and never an error. */
export function parseTraceparent(text: string): TraceContext | undefined {
  const [, version, traceId, parentId, flags, rest] = TRACEPARENT.exec(text) ?? [];
  if (traceId === undefined || parentId === undefined || flags === undefined) return undefined;
  // Version 00 has exactly four parts. A later version may have more; its first four parts are the same.
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined;
  if (traceId === NO_TRACE || parentId === NO_SPAN) return undefined;
  return { traceId, parentId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** The `traceparent` of a new span in the trace of `parent`. */
export function childTraceparent(parent: TraceContext, spanId: string = newSpanId()): string {
  return `00-${parent.traceId}-${spanId}-${parent.sampled ? '01' : '00'}`;
}

/**
 * The trace of an activity: that of its event, if the event has a valid `traceparent`, else one with a trace id that is
 * derived from the activity's id.
 */
export function activityTrace(activityId: string, traceparent: unknown): TraceContext {
  const given = typeof traceparent === 'string' ? parseTraceparent(traceparent) : undefined;
  if (given !== undefined) return given;
  const traceId = traceIdOf(activityId);
  return { traceId, parentId: traceId.slice(16), sampled: true };
}

/** The first 32 hex digits of the id, or of its digest if it is not hex. All zeros are avoided: they mean "no trace". */
function traceIdOf(activityId: string): string {
  const hex = /^[0-9a-f]{32}/.test(activityId)
    ? activityId
    : createHash('sha256').update(activityId).digest('hex');
  const traceId = hex.slice(0, 32);
  return traceId === NO_TRACE ? `${NO_TRACE.slice(1)}1` : traceId;
}

/** 64 random bits of a UUID, for which Node.js keeps a pool: ten times as fast as `randomBytes(8)`. */
function newSpanId(): string {
  const uuid = randomUUID();
  return uuid.slice(0, 8) + uuid.slice(28);
}
