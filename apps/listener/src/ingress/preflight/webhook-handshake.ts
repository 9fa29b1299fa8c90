import { headerOf, type Headers } from '@app/events';

export interface HandshakeSettings {
  /** Names of hosts; `*` is everybody. */
  readonly allowedOrigins: readonly string[];
  /** What a sender may send in a minute; undefined sets no limit. */
  readonly ratePerMinute: number | undefined;
}

const RATE = /^[1-9]\d{0,9}$/;

/**
 * What a sender is permitted that asks before it sends (HTTP 1.1 Web Hooks for Event Delivery 1.0.2, section 4):
 * nothing, if its host is not one of those that are allowed. It says the same for every path, so it tells nobody which
 * workflows exist. The permission is in the answer: `WebHook-Request-Callback` is never called.
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

/** No more than was asked for, and no more than the limit; `*` where there is none. */
function rateFor(requested: string, ratePerMinute: number | undefined): string {
  if (ratePerMinute === undefined) return '*';
  return String(RATE.test(requested) ? Math.min(Number(requested), ratePerMinute) : ratePerMinute);
}
