import { FlowError } from '@app/errors';
import { type RawEvent } from '@app/events';
import { problemOf, statusOf } from '@app/http';
import type {
  FilteredReceipt,
  Receipt,
  RefusedEvent,
  SignalledReceipt,
} from '@flow-eventing/events';
import { type Acceptance } from '../../acceptance/event-acceptance.js';

/** What became of one event of a batch. */
export type BatchEntry =
  | {
      readonly kind: 'accepted' | 'filtered' | 'signalled';
      readonly body: Receipt | FilteredReceipt | SignalledReceipt;
    }
  | { readonly kind: 'refused'; readonly body: RefusedEvent };

/**
 * An event that is refused is an entry like another, and `onRefused` is told.
 * @throws what is our own fault: it is the answer to the whole request, because who sees it sends
 *   all of it again and loses nothing, while an entry of a 400 would not be sent again
 */
export async function batchEntryOf(
  raw: RawEvent,
  accepting: Promise<Acceptance>,
  onRefused: (error: FlowError) => void,
): Promise<BatchEntry> {
  try {
    const { kind, receipt } = await accepting;
    return { kind, body: receipt };
  } catch (error) {
    if (!(error instanceof FlowError) || statusOf(error) >= 500) throw error;
    onRefused(error);
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

/**
 * 202 if all were taken (or there were none), 400 if none was, else 207. An event that a filter does not want
 * is taken, too (docs/design.md#content-modes-and-batches).
 */
export function batchStatusOf(entries: readonly BatchEntry[]): number {
  const taken = entries.filter(({ kind }) => kind !== 'refused').length;
  if (taken === entries.length) return 202;
  return taken === 0 ? 400 : 207;
}
