import {
  doubleOf,
  isJsonObject,
  type JsonLimits,
  type JsonObject,
  type JsonValue,
} from '@app/json';
import { type ClientCredentials, encodeComponent } from '@app/workflow-engine';
import { maskOf } from '../../secrets/mask.js';
import { responseBodyOf } from '../answers/response-body.js';
import { failed, type FailedCall, impossible, outcomeOfError } from '../broken-call.js';
import { type AddressGuard } from '../connecting/address-guard.js';
import { type Connections } from '../connecting/connections.js';
import { ResponseTooLargeError } from '../errors.js';
import { USER_AGENT } from '../first-request.js';
import { exchange, type HttpRequest } from '../http-exchange.js';
import { retryAfterMsOf } from '../retry-after.js';

export interface AccessToken {
  readonly text: string;
  /** The time for which it may be used, in milliseconds. */
  readonly lifetimeMs: number;
}

/** The call is not made, because there is no access token for it. */
export class TokenRefusedError extends Error {
  constructor(readonly outcome: FailedCall) {
    super(outcome.message);
  }
}

interface RequestedBy {
  readonly guard: AddressGuard;
  readonly connections: Connections;
  readonly limits: { readonly connectTimeoutMs: number; readonly json: JsonLimits };
}

/** An answer: a token of at most 8,192 characters, and a few facts about it. */
const ANSWER_BYTES_MAX = 65_536;
/** The part of an error of the server that a message has. */
const SHOWN_CHARS_MAX = 300;
/** The characters of a header; a shorter text could not be masked in answers without masking ordinary words. */
const TOKEN = /^[\x21-\x7e]{8,8192}$/;
/** The assumed lifetime of a token whose server does not say it (RFC 6749, section 5.1). */
const LIFETIME_MS_DEFAULT = 300_000;

/**
 * Requests an access token for client credentials (RFC 6749, section 4.4). Redirects are not followed. Every failure is one
 * of known outcome, because the call itself has not been made.
 *
 * @throws TokenRefusedError
 */
export async function requestToken(
  credentials: ClientCredentials,
  abort: AbortSignal,
  { guard, connections, limits }: RequestedBy,
): Promise<AccessToken> {
  const { tokenUrl } = credentials;
  const url = URL.canParse(tokenUrl) ? new URL(tokenUrl) : undefined;
  if (url?.username !== '' || url.password !== '')
    throw new TokenRefusedError(impossible('its "tokenUrl" is invalid, or has credentials'));
  const { origin } = url;
  try {
    guard.checkHost(url.hostname);
    const { connectTimeoutMs, json } = limits;
    const options = { connections, lookup: guard.lookup, connectTimeoutMs, mayReuse: false, abort };
    const response = await exchange(requestOf(url, credentials), options);
    const { statusCode: status = 0, headers } = response;
    const isGiven = status >= 200 && status <= 299;
    const roomFor = (): Promise<void> => Promise.resolve();
    const answer = { bytesMax: ANSWER_BYTES_MAX, json, roomFor };
    const body = await responseBodyOf(response, answer, isGiven);
    if (isGiven) return tokenIn(body, origin);
    const retryAfter = headers['retry-after'];
    const retryAfterMs = retryAfterMsOf({ retryAfter, date: headers.date, now: Date.now() });
    const isRetryable = [408, 425, 429].includes(status) || status >= 500;
    const detail = `answered with status ${status}${errorIn(body, credentials)}`;
    const outcome = refusal(origin, detail, isRetryable).outcome;
    throw new TokenRefusedError({
      ...outcome,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    });
  } catch (error) {
    throw refusalOf(error, origin, abort);
  }
}

/** The request of section 4.4.2, with the credentials of section 2.3.1. */
function requestOf(url: URL, credentials: ClientCredentials): HttpRequest {
  const { clientId, clientSecret, authentication, scope, audience } = credentials;
  const isBasic = authentication === 'basic';
  const fields = {
    grant_type: 'client_credentials',
    ...(scope !== undefined && { scope }),
    ...(audience !== undefined && { audience }),
    ...(!isBasic && { client_id: clientId, client_secret: clientSecret }),
  };
  const pairs = Object.entries(fields).map(([name, value]) => `${name}=${formEncoded(value)}`);
  const headers = new Map([
    ['user-agent', [USER_AGENT]],
    ['accept', ['application/json']],
    ['content-type', ['application/x-www-form-urlencoded']],
    ...(isBasic ? [['authorization', [`Basic ${basicOf(credentials)}`]] as const] : []),
  ]);
  return { url, method: 'POST', headers, body: Buffer.from(pairs.join('&')) };
}

function basicOf({ clientId, clientSecret }: ClientCredentials): string {
  return Buffer.from(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`).toString('base64');
}

function formEncoded(text: string): string {
  return encodeComponent(text).replaceAll('%20', '+');
}

function tokenIn(body: JsonValue, origin: string): AccessToken {
  const answer: JsonObject = isJsonObject(body) ? body : {};
  const { access_token: text, token_type: type = 'bearer', expires_in: expiresIn } = answer;
  if (typeof text !== 'string' || !TOKEN.test(text))
    throw refusal(origin, 'answered without an "access_token" of 8 to 8,192 characters in JSON');
  if (typeof type !== 'string' || type.toLowerCase() !== 'bearer')
    throw refusal(origin, 'answered with a token of another type than "Bearer"');
  return { text, lifetimeMs: lifetimeMsOf(expiresIn) };
}

/** Some servers send the seconds as text. */
function lifetimeMsOf(expiresIn: JsonValue | undefined): number {
  const isDigits = typeof expiresIn === 'string' && /^\d{1,10}$/.test(expiresIn);
  const seconds = isDigits ? Number(expiresIn) : doubleOf(expiresIn);
  return seconds === undefined ? LIFETIME_MS_DEFAULT : seconds * 1_000;
}

/** The error of section 5.2. It is masked before it is cut, because a part of a secret would not be found. */
function errorIn(body: JsonValue, credentials: ClientCredentials): string {
  if (!isJsonObject(body)) return '';
  const { error, error_description: description } = body;
  if (typeof error !== 'string') return '';
  const text = typeof description === 'string' ? `: ${error} (${description})` : `: ${error}`;
  const masked = maskOf([credentials.clientSecret, basicOf(credentials)]).text(text);
  return masked.replace(/[^\x20-\x7e]/g, ' ').slice(0, SHOWN_CHARS_MAX);
}

function refusalOf(error: unknown, origin: string, abort: AbortSignal): TokenRefusedError {
  if (error instanceof TokenRefusedError) return error;
  if (abort.aborted) return refusal(origin, 'did not answer in time', true);
  if (error instanceof ResponseTooLargeError)
    return refusal(origin, `answered with more than ${ANSWER_BYTES_MAX} bytes`);
  const outcome = outcomeOfError(error, origin, abort);
  const message = `No access token: ${outcome.message}`;
  return new TokenRefusedError({ ...outcome, message, outcomeKnown: true });
}

function refusal(origin: string, detail: string, retryable = false): TokenRefusedError {
  const message = `No access token: ${origin} ${detail}`;
  return new TokenRefusedError(failed('OAUTH2_TOKEN_REFUSED', message, retryable));
}
