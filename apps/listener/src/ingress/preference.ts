import { type IncomingHttpHeaders } from 'node:http';

const WITHOUT_RECEIPT: ReadonlySet<string> = new Set([
  'reply',
  'return=minimal',
  'return="minimal"',
]);

/**
 * Whether the answer has the receipt: not with `Prefer: return=minimal` (RFC 7240, section 4.2), and not
 * with `Prefer: reply`, by which Knative says that it takes a CloudEvent in an answer for a new event:
 * a receipt, which has the type and the source of the event, would come back to us without end.
 */
export function wantsReceipt({ prefer }: IncomingHttpHeaders): boolean {
  if (prefer === undefined) return true;
  const preferences = [prefer].flat().join(',').toLowerCase().split(',');
  return !preferences.some((text) => WITHOUT_RECEIPT.has((text.split(';')[0] ?? '').trim()));
}
