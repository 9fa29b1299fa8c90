import { FlowError, type Problem } from '@app/errors';
import { type RawEvent, type Receipt } from '@app/events';
import { problemOf } from '@app/http';
import { type Acceptance } from '../acceptance/event-acceptance.js';

/** What became of one event of a batch. */
export type BatchEntry =
  | { readonly kind: 'accepted'; readonly body: Receipt }
  | { readonly kind: 'refused'; readonly body: RefusedEvent };

/** `id` and `source` as sent, if they are texts, so that the sender can tell which one it was. */
export interface RefusedEvent {
  readonly id?: string;
  readonly source?: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly Problem[];
}

/** An event that is refused is an entry like another. */
export async function batchEntryOf(
  raw: RawEvent,
  accepting: Promise<Acceptance>,
): Promise<BatchEntry> {
  try {
    const { receipt } = await accepting;
    return { kind: 'accepted', body: receipt };
  } catch (error) {
    // Our own fault is an answer to the whole request; a sender that repeats it loses nothing.
    if (!(error instanceof FlowError)) throw error;
    const { status, body } = problemOf(error);
    const { id, source } = raw.attributes ?? {};
    const { code, detail, errors } = body;
    return {
      kind: 'refused',
      body: {
        ...(typeof id === 'string' && { id }),
        ...(typeof source === 'string' && { source }),
        status,
        code,
        detail,
        ...(errors && { errors }),
      },
    };
  }
}

/** 202 if all were taken (or there were none), 400 if none was, else 207 (design section 12). */
export function batchStatusOf(entries: readonly BatchEntry[]): number {
  const accepted = entries.filter(({ kind }) => kind === 'accepted').length;
  if (accepted === entries.length) return 202;
  return accepted === 0 ? 400 : 207;
}
