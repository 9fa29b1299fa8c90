import { headerOf, type Headers } from '@app/events';

export interface HandshakeSettings {
  /** Host names of senders; `*` allows all. */
  readonly allowedOrigins: readonly string[];
  /** The most requests of a sender in a minute; undefined sets no limit. */
  readonly ratePerMinute: number | undefined;
}

const RATE = /^[1-9]\d{0,9}$/;

/**
 * The answer headers of the validation handshake (HTTP 1.1 Web Hooks for Event Delivery 1.0.2, section 4); none unless
 * the sender's host is allowed. They are the same for every path, so they do not reveal which workflows exist. The
 * answer itself grants the permission: `WebHook-Request-Callback` is never called.
 */
export function handshakeHeaders(
  headers: Headers,
  { allowedOrigins, ratePerMinute }: HandshakeSettings,
): Readonly<Record<string, string>> {
  const origin = headerOf(headers, 'webhook-request-origin');
  if (origin === undefined || origin === '') return {};
  const everybody = allowedOrigins.includes('*');
  const allowed = allowedOrigins.find((host) => host.toLowerCase() === origin.toLowerCase());
  if (allowed === undefined && !everybody) return {};
  const requested = headerOf(headers, 'webhook-request-rate');
  return {
    'WebHook-Allowed-Origin': allowed ?? '*',
    ...(requested !== undefined && { 'WebHook-Allowed-Rate': rateFor(requested, ratePerMinute) }),
  };
}

/** The smaller of the requested rate and the limit; `*` without a limit. */
function rateFor(requested: string, ratePerMinute: number | undefined): string {
  if (ratePerMinute === undefined) return '*';
  return String(RATE.test(requested) ? Math.min(Number(requested), ratePerMinute) : ratePerMinute);
}
