import { type CloudEvent, contextAttributes } from '@app/events';
import { type ClauseReport, type Explanation } from '@app/filters';
import { toJsonText } from '@app/json';
import type { FilteredReceipt } from '@flow-eventing/events';

const REASON_CHARS_MAX = 500;

/**
 * What the sender of an event gets back that the trigger does not want: its context attributes, the extension
 * `outcome` with the value `filtered`, and `reason` with the first clause that does not hold.
 */
export function filteredReceiptOf(event: CloudEvent, explanation: Explanation): FilteredReceipt {
  const reason = reasonAgainst(explanation);
  return {
    ...contextAttributes(event),
    outcome: 'filtered',
    ...(reason !== '' && { reason }),
  } as unknown as FilteredReceipt;
}

/** Why an event does not match, in one line: the first clause that does not hold. */
export function reasonAgainst({ clauses }: Explanation): string {
  const decisive = clauses.find(({ holds }) => !holds) ?? clauses[0];
  return decisive ? reasonOf(decisive) : '';
}

/** One line, whatever the clause and the event have in them. */
function reasonOf({ path, holds, wants, saw, reason }: ClauseReport): string {
  const found = reason ?? (saw === undefined ? 'nothing is there' : `it is ${toJsonText(saw)}`);
  const text = `${path} ${holds ? 'holds' : 'does not hold'} (${toJsonText(wants)}): ${found}`;
  return text.replaceAll(/\p{C}/gu, ' ').slice(0, REASON_CHARS_MAX);
}
