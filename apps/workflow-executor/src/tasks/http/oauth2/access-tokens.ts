import { createHash } from 'node:crypto';
import { toJsonText } from '@app/json';
import { BoundedMap } from '@app/collections';
import { type ClientCredentials, FAILURE_CODES } from '@app/workflow-engine';
import { failed } from '../broken-call.js';
import { type AccessToken, TokenRefusedError } from './token-request.js';

/** The most tokens that are kept: at 8,192 characters each, 8 MB. */
const TOKENS_MAX = 1_000;
/** A token is not used in the last tenth of its lifetime, or in its last minute if that is less. */
const MARGIN_MS_MAX = 60_000;
const MARGIN_SHARE = 0.1;
/** The most time of one request for a token, however many calls wait for it. */
const REQUEST_MS_MAX = 30_000;

type RequestToken = (credentials: ClientCredentials, abort: AbortSignal) => Promise<AccessToken>;

export interface TokenToUse {
  readonly text: string;
  /** Whether it was kept from an earlier call, so that it may have become invalid since. */
  readonly isKept: boolean;
}

/** A request for a token, and the calls that wait for it. */
interface Flight {
  readonly token: Promise<AccessToken>;
  readonly controller: AbortController;
  calls: number;
}

/**
 * Keeps access tokens in memory, for the workflow and the credentials that they were given out for, until shortly before
 * they expire. Calls that need the same token at the same time wait for one request, which is aborted when the last of
 * them is.
 */
export class AccessTokens {
  readonly #kept = new BoundedMap<{ readonly text: string; readonly until: number }>(TOKENS_MAX);
  readonly #flights = new Map<string, Flight>();

  constructor(
    private readonly request: RequestToken,
    private readonly clock: () => number = () => performance.now(),
  ) {}

  /** @throws TokenRefusedError */
  async tokenOf(
    workflowId: string,
    credentials: ClientCredentials,
    abort: AbortSignal,
  ): Promise<TokenToUse> {
    const key = keyOf(workflowId, credentials);
    const kept = this.#kept.get(key);
    if (kept && kept.until > this.clock()) return { text: kept.text, isKept: true };
    const flight = this.#flights.get(key) ?? this.#begin(key, credentials);
    flight.calls += 1;
    try {
      const { text } = await unlessAborted(flight.token, abort);
      return { text, isKept: false };
    } finally {
      flight.calls -= 1;
      if (flight.calls === 0) this.#end(key, flight);
    }
  }

  /** Forgets a token that was rejected; not one that has replaced it meanwhile. */
  drop(workflowId: string, credentials: ClientCredentials, text: string): void {
    const key = keyOf(workflowId, credentials);
    if (this.#kept.get(key)?.text === text) this.#kept.delete(key);
  }

  #begin(key: string, credentials: ClientCredentials): Flight {
    const controller = new AbortController();
    const timeout = AbortSignal.timeout(REQUEST_MS_MAX);
    const abort = AbortSignal.any([controller.signal, timeout]);
    const flight = { token: this.#requested(key, credentials, abort), controller, calls: 0 };
    // All calls may be aborted before it fails.
    flight.token.catch(() => undefined);
    this.#flights.set(key, flight);
    return flight;
  }

  async #requested(
    key: string,
    credentials: ClientCredentials,
    abort: AbortSignal,
  ): Promise<AccessToken> {
    const begunAt = this.clock();
    const token = await this.request(credentials, abort);
    const marginMs = Math.min(token.lifetimeMs * MARGIN_SHARE, MARGIN_MS_MAX);
    this.#kept.set(key, { text: token.text, until: begunAt + token.lifetimeMs - marginMs });
    return token;
  }

  #end(key: string, flight: Flight): void {
    flight.controller.abort();
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}

/** What a token depends on; the secret only as part of a hash. */
function keyOf(workflowId: string, credentials: ClientCredentials): string {
  const { tokenUrl, clientId, clientSecret, authentication, scope, audience } = credentials;
  const parts = [workflowId, tokenUrl, clientId, clientSecret, authentication, scope, audience];
  const text = toJsonText(parts.map((part) => part ?? null));
  return createHash('sha256').update(text).digest('base64');
}

async function unlessAborted<Value>(promise: Promise<Value>, abort: AbortSignal): Promise<Value> {
  let leave = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    leave = (): void => {
      const message = `No access token within the task's timeout`;
      reject(new TokenRefusedError(failed(FAILURE_CODES.TASK_TIMEOUT, message, true)));
    };
  });
  if (abort.aborted) leave();
  abort.addEventListener('abort', leave);
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    abort.removeEventListener('abort', leave);
  }
}
