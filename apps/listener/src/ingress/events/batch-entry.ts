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

/** The result of one event of a batch. */
export type BatchEntry =
  | {
      readonly kind: 'accepted' | 'filtered' | 'signalled';
      readonly body: Receipt | FilteredReceipt | SignalledReceipt;
    }
  | { readonly kind: 'refused'; readonly body: RefusedEvent };

/**
 * The entry of one event in the answer to a batch. `onRefused` is called with the error of a rejected event.
 * @throws errors of the server (5xx). They answer the whole request, so that the sender repeats it; an entry of a 400
 *   would not be repeated, and the event would be lost.
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
 * 202 if all events were accepted (also of an empty batch), 400 if none was, else 207. A filtered event counts as
 * accepted (docs/design.md#content-modes-and-batches).
 */
export function batchStatusOf(entries: readonly BatchEntry[]): number {
  const taken = entries.filter(({ kind }) => kind !== 'refused').length;
  if (taken === entries.length) return 202;
  return taken === 0 ? 400 : 207;
}
