import { type JsonLimits } from '@app/json';
import { type FastifyRequest } from 'fastify';

/** Bounds and settings of a server; the values come from the app's config. */
export interface HttpOptions {
  /**
   * `unread`: the handler reads the body, with `readBody`, after it has authorized the request, and gets every content
   * type. `json`: Fastify reads it before the handler; other types are 415.
   */
  readonly bodies: 'unread' | 'json';
  /** Of a body, with `json`; with `unread` the handler gives `readBody` its own bound. */
  readonly bodyBytesMax: number;
  /** Of a JSON body, with `json`. */
  readonly json: JsonLimits;
  /** Of the request line and all headers together. */
  readonly headerBytesMax: number;
  /** From the first byte of a request to the end of its headers. */
  readonly headersTimeoutMs: number;
  /** From the first byte of a request to the end of its body; no less than `headersTimeoutMs`. */
  readonly requestTimeoutMs: number;
  /** From the beginning of a stop until open requests are cut off. */
  readonly closeMsMax: number;
  /** How long a connection may be idle between two requests. */
  readonly keepAliveTimeoutMs: number;
  /** Requests worked on at the same time; more are answered with 503. */
  readonly inFlightMax: number;
  /** Connections that are open at the same time; more are closed at once. */
  readonly connectionsMax: number;
  /** How late the event loop may be, several times in a row, before requests are answered with 503. */
  readonly loopDelayMsMax: number;
  /** Requests each second from one address, 0 for no limit; more are answered with 429. */
  readonly ratePerSecond: number;
  /** Requests that one address may send at once after a pause. */
  readonly rateBurst: number;
  /** The same by sender, as the request itself names it; the name is not verified. */
  readonly callerRate?: {
    readonly perSecond: number;
    readonly keyOf: (request: FastifyRequest) => string | undefined;
  };
  /** Addresses or networks of proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
}

/** The bounds (docs/design.md#bounds) of what an app does not make configurable. */
export const HTTP_DEFAULTS = {
  bodyBytesMax: 1024 * 1024,
  json: { nestingMax: 64, membersMax: 10_000 },
  headerBytesMax: 16 * 1024,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 15_000,
  closeMsMax: 5_000,
  keepAliveTimeoutMs: 65_000,
  inFlightMax: 1_000,
  connectionsMax: 5_000,
  loopDelayMsMax: 250,
  ratePerSecond: 0,
  rateBurst: 100,
  trustedProxies: [],
} as const satisfies Omit<HttpOptions, 'bodies'>;
