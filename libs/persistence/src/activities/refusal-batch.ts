import { createHash } from 'node:crypto';
import { type Refusal } from './refusal-store.js';

const MINUTE_MS = 60_000;
/** What is kept of each text that a stranger sent, in characters. */
const TEXT_CHARS_MAX = 256;

/** The refusals that share one activity and are not written yet. */
export interface RefusalGroup {
  readonly id: string;
  /** Facts of the first one. */
  readonly first: Refusal;
  readonly count: number;
  readonly firstAt: number;
  readonly lastAt: number;
}

/**
 * The activity that a refusal belongs to: those of one workflow, trigger and code within the same
 * minute share it. Never the id of an event's activity, which hashes an array of three.
 */
function refusalIdOf({ workflowId, trigger, code, at }: Refusal): string {
  const minute = Math.floor(at / MINUTE_MS);
  return createHash('sha256')
    .update(JSON.stringify(['refusal', workflowId, trigger, code, minute]))
    .digest('hex');
}

export function groupOf(refusal: Refusal): RefusalGroup {
  const { eventId, source, remoteAddress, at } = refusal;
  const first = {
    ...refusal,
    ...(eventId !== undefined && { eventId: eventId.slice(0, TEXT_CHARS_MAX) }),
    ...(source !== undefined && { source: source.slice(0, TEXT_CHARS_MAX) }),
    ...(remoteAddress !== undefined && { remoteAddress: remoteAddress.slice(0, TEXT_CHARS_MAX) }),
  };
  return { id: refusalIdOf(refusal), first, count: 1, firstAt: at, lastAt: at };
}

export function mergeGroups(a: RefusalGroup, b: RefusalGroup): RefusalGroup {
  return {
    id: a.id,
    first: a.firstAt <= b.firstAt ? a.first : b.first,
    count: a.count + b.count,
    firstAt: Math.min(a.firstAt, b.firstAt),
    lastAt: Math.max(a.lastAt, b.lastAt),
  };
}
