import { type CloudEvent, contextAttributes } from '@app/events';
import { type ClauseReport, type Explanation } from '@app/filters';
import { toJsonText } from '@app/json';
import type { FilteredReceipt } from '@flow-eventing/events';

const REASON_CHARS_MAX = 500;

/**
 * The answer to an event that does not match the filter: its context attributes, the extension `outcome` with the value
 * `filtered`, and `reason` with the first clause that does not hold.
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

/** Describes a clause in one line: JSON escapes the line breaks of the clause and of the event. */
function reasonOf({ path, holds, wants, saw, reason }: ClauseReport): string {
  const found = reason ?? (saw === undefined ? 'nothing is there' : `it is ${toJsonText(saw)}`);
  const text = `${path} ${holds ? 'holds' : 'does not hold'} (${toJsonText(wants)}): ${found}`;
  return text.replaceAll(/\p{C}/gu, ' ').slice(0, REASON_CHARS_MAX);
}
