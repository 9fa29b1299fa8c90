import { type IncomingHttpHeaders } from 'node:http';

const WITHOUT_RECEIPT: ReadonlySet<string> = new Set([
  'reply',
  'return=minimal',
  'return="minimal"',
]);

/**
 * Whether the answer has a receipt: not with `Prefer: return=minimal` (RFC 7240, section 4.2), and not with
 * `Prefer: reply`. With the latter Knative forwards a CloudEvent in the answer as a new event; a receipt has the type and
 * source of the event, so it would come back in an endless loop.
 */
export function wantsReceipt({ prefer }: IncomingHttpHeaders): boolean {
  if (prefer === undefined) return true;
  const preferences = [prefer].flat().join(',').toLowerCase().split(',');
  return !preferences.some((text) => WITHOUT_RECEIPT.has((text.split(';')[0] ?? '').trim()));
}
