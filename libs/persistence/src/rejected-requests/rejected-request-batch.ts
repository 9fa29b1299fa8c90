import { createHash } from 'node:crypto';
import { DAY_MS } from '@app/workflow-engine';
import { type RejectedRequest } from './rejected-request-store.js';

/** Records that the rejected requests of one workflow, trigger and code may make in a day (UTC). */
const RECORDS_A_DAY_MAX = 8;
/** The characters that are kept of each text of a sender. */
const TEXT_CHARS_MAX = 256;

/** The rejected requests that share one activity and are not written yet. */
export interface RejectedRequestGroup {
  readonly id: string;
  /** Facts of the first one. */
  readonly first: RejectedRequest;
  readonly count: number;
  readonly firstAt: number;
  readonly lastAt: number;
}

/** The day (UTC) that an instant is in, in days since 1970. */
export function dayOf(at: number): number {
  return Math.floor(at / DAY_MS);
}

/**
 * Which record of its day a rejected request belongs to, by how many there were with it: the first has one of
 * its own, the second to tenth share one, the eleventh to hundredth the next, and so on. So a sender
 * with a few errors has a record of each, and one that never stops makes at most `RECORDS_A_DAY_MAX`.
 */
function recordOf(count: number): number {
  return count <= 1 ? 0 : Math.min(String(count - 1).length, RECORDS_A_DAY_MAX - 1);
}

/** The same few ids for all processes, each of which counts from the start. */
function rejectedRequestIdOf(
  { workflowId, trigger, code, at }: RejectedRequest,
  count: number,
): string {
  return createHash('sha256')
    .update(JSON.stringify(['refusal', workflowId, trigger, code, dayOf(at), recordOf(count)]))
    .digest('hex');
}

/** @param count how many of its workflow, trigger and code there were that day, with it */
export function groupOf(request: RejectedRequest, count: number): RejectedRequestGroup {
  const { eventId, source, remoteAddress, at } = request;
  const first = {
    ...request,
    ...(eventId !== undefined && { eventId: eventId.slice(0, TEXT_CHARS_MAX) }),
    ...(source !== undefined && { source: source.slice(0, TEXT_CHARS_MAX) }),
    ...(remoteAddress !== undefined && { remoteAddress: remoteAddress.slice(0, TEXT_CHARS_MAX) }),
  };
  return { id: rejectedRequestIdOf(request, count), first, count: 1, firstAt: at, lastAt: at };
}

export function mergeGroups(
  a: RejectedRequestGroup,
  b: RejectedRequestGroup,
): RejectedRequestGroup {
  return {
    id: a.id,
    first: a.firstAt <= b.firstAt ? a.first : b.first,
    count: a.count + b.count,
    firstAt: Math.min(a.firstAt, b.firstAt),
    lastAt: Math.max(a.lastAt, b.lastAt),
  };
}
