import { type IncomingMessage } from 'node:http';
import { type JsonLimits, type JsonObject, type JsonValue } from '@app/json';
import { type StatusRange } from '@app/workflow-engine';
import { type AddressGuard } from './connecting/address-guard.js';
import { failed, impossible, outcomeOfError } from './broken-call.js';
import { type CallLimiter } from '../call-limiter.js';
import { Connections } from './connecting/connections.js';
import { ResponseTooLargeError, ResponseUnreadableError } from './errors.js';
import { firstRequestOf } from './first-request.js';
import { exchange, type HttpRequest } from './http-exchange.js';
import { AccessTokens } from './oauth2/access-tokens.js';
import { Bearer } from './oauth2/bearer.js';
import { requestToken, TokenRefusedError } from './oauth2/token-request.js';
import { isRedirect, locationOfOther3xx, redirectOf, shownLocation } from './redirects.js';
import { mappedResults } from './answers/mapped-results.js';
import { responseBodyOf } from './answers/response-body.js';
import { retryAfterMsOf } from './retry-after.js';
import { type TaskCall, TaskHandler, type TaskOutcome } from '../task-handler.js';

export interface HttpTaskLimits {
  /** The most bytes of an answer, after decoding; a larger one fails the task. */
  readonly responseBytesMax: number;
  /** The limits of JSON in an answer; JSON beyond them fails the task. */
  readonly json: JsonLimits;
  readonly connectTimeoutMs: number;
  /** The most redirects that one call follows. */
  readonly redirectsMax: number;
}

/** One request of a call: the first, or the target of a redirect. */
interface Hop {
  readonly request: HttpRequest;
  readonly guard: AddressGuard;
  /** The number of redirects before it. */
  readonly redirects: number;
  /** Adds the access token of the call, if it bears one. */
  readonly bearer: Bearer | undefined;
  /** True if an earlier request of the call had its effect, so that a new idempotency key would repeat it. */
  readonly done: boolean;
}

/** Statuses of gateways. The target may have carried out the request, and only its answer was lost. */
const OF_GATEWAYS = [502, 504];

const SUCCESS: readonly StatusRange[] = [{ from: 200, to: 299 }];

/**
 * Makes the calls of `http` tasks. A call succeeds with an expected status (2xx unless the task names others); 408, 425,
 * 429 and 5xx are retryable. A call holds one slot from its first request to the end of its answer, redirects included.
 */
export class HttpTaskHandler extends TaskHandler<'http'> {
  readonly #tokens: AccessTokens;

  constructor(
    private readonly guard: AddressGuard,
    private readonly limits: HttpTaskLimits,
    private readonly limiter: CallLimiter,
    private readonly connections = new Connections(),
  ) {
    super();
    const by = { guard, connections, limits };
    this.#tokens = new AccessTokens((credentials, abort) => requestToken(credentials, abort, by));
  }

  override async run(call: TaskCall<'http'>): Promise<TaskOutcome> {
    const first = firstRequestOf(call);
    if (first.kind === 'impossible') return impossible(first.why);
    const { workflowId, bytes } = call;
    const caller = { origin: first.request.url.origin, workflowId, bytes };
    const entry = this.limiter.acquire(caller, call.abort);
    if (entry.kind === 'full') return { kind: 'postponed', delayMs: entry.delayMs };
    if (entry.kind === 'waiting') call.report('queued');
    const leave = entry.kind === 'waiting' ? await entry.entered : entry.leave;
    try {
      if (entry.kind === 'waiting') call.report('begun');
      return await this.#answerTo(first.request, call);
    } finally {
      leave();
    }
  }

  async #answerTo(request: HttpRequest, call: TaskCall<'http'>): Promise<TaskOutcome> {
    const bearer = this.#bearerOf(call);
    let next: Hop | TaskOutcome = { request, guard: this.guard, redirects: 0, bearer, done: false };
    while ('request' in next) next = await this.#take(next, call);
    return bearer?.masked(next) ?? next;
  }

  close(): void {
    this.connections.close();
  }

  /** Makes one request. @returns the outcome of the call, or the next request */
  async #take(hop: Hop, call: TaskCall<'http'>): Promise<Hop | TaskOutcome> {
    const { origin } = hop.request.url;
    try {
      const response = await this.#send(hop, call);
      const next = this.#nextOf(hop, response, call);
      if (next === undefined) return afterDone(hop, await this.#answerOf(hop, response, call));
      response.destroy();
      return 'request' in next ? next : afterDone(hop, next);
    } catch (error) {
      const isTokens = error instanceof TokenRefusedError;
      const outcome = isTokens ? error.outcome : outcomeOfError(error, origin, call.abort);
      return afterDone(hop, outcome);
    }
  }

  #send(hop: Hop, { abort }: TaskCall<'http'>): Promise<IncomingMessage> {
    const { request, guard, redirects, bearer } = hop;
    guard.checkHost(request.url.hostname);
    const options = {
      connections: this.connections,
      lookup: guard.lookup,
      connectTimeoutMs: this.limits.connectTimeoutMs,
      // A kept connection may have been checked by another guard, so the target of a redirect gets a new one.
      mayReuse: redirects === 0,
      abort,
    };
    const send = (one: HttpRequest): Promise<IncomingMessage> => exchange(one, options);
    return bearer === undefined ? send(request) : bearer.send(request, send);
  }

  #bearerOf({ effect, workflowId, abort }: TaskCall<'http'>): Bearer | undefined {
    const { oauth2: credentials } = effect.params;
    return credentials && new Bearer(this.#tokens, { workflowId, credentials, abort });
  }

  /** The request that an answer redirects to; undefined if it is the answer to the call. */
  #nextOf(
    hop: Hop,
    response: IncomingMessage,
    call: TaskCall<'http'>,
  ): Hop | TaskOutcome | undefined {
    const { statusCode: status = 0, headers, socket } = response;
    const { expectedStatus = SUCCESS } = call.effect.params;
    if (!isRedirect(status) || isWithin(status, expectedStatus)) return undefined;
    const { request, redirects } = hop;
    const { redirectsMax } = this.limits;
    const redirect = call.effect.params.staysThere
      ? ({ kind: 'refused', why: 'an event is for the one it is sent to' } as const)
      : redirects >= redirectsMax
        ? ({ kind: 'refused', why: `there were ${redirects} before` } as const)
        : redirectOf(request, status, headers.location);
    if (redirect.kind === 'refused') {
      const where = shownLocation(headers.location, request.url);
      const message = `Answered with status ${status} and ${where}, which is not followed: ${redirect.why}`;
      const results = { statusCode: status, headers: resultHeaders(headers), body: null };
      return { ...failed('HTTP_REDIRECT_REFUSED', message, false), results };
    }
    const guard = hop.guard.after(socket.remoteAddress);
    const done = hop.done || redirect.done;
    return { ...hop, request: redirect.request, guard, redirects: redirects + 1, done };
  }

  async #answerOf(
    { request }: Hop,
    response: IncomingMessage,
    call: TaskCall<'http'>,
  ): Promise<TaskOutcome> {
    const { statusCode = 0, headers } = response;
    const { expectedStatus = SUCCESS, results: paths } = call.effect.params;
    const isExpected = isWithin(statusCode, expectedStatus);
    const { body, note } = await this.#bodyOf(response, isExpected, call);
    const ofBody = isExpected && paths !== undefined ? mappedResults(paths, body) : { body };
    const results = { statusCode, headers: resultHeaders(headers), ...ofBody };
    if (isExpected) return { kind: 'succeeded', results };
    const retryAfterMs = retryAfterMsOf({
      retryAfter: headers['retry-after'],
      date: headers.date,
      now: Date.now(),
    });
    const retryable = [408, 425, 429].includes(statusCode) || statusCode >= 500;
    const where = locationOfOther3xx(statusCode, headers.location, request.url);
    const message = `The call was answered with status ${statusCode}${where}${note}`;
    return {
      ...failed('HTTP_STATUS', message, retryable, !OF_GATEWAYS.includes(statusCode)),
      results,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    };
  }

  /** The body of an answer. A failed status is reported even if the body can't be read. */
  async #bodyOf(
    response: IncomingMessage,
    isNeeded: boolean,
    { effect, roomForAnswer: roomFor }: TaskCall<'http'>,
  ): Promise<{ readonly body: JsonValue; readonly note: string }> {
    if (effect.params.statusOnly) {
      response.destroy();
      return { body: null, note: '' };
    }
    const { responseBytesMax: bytesMax, json } = this.limits;
    try {
      const limits = { bytesMax, json, roomFor };
      return { body: await responseBodyOf(response, limits, isNeeded), note: '' };
    } catch (error) {
      response.destroy();
      const isOfBody =
        error instanceof ResponseTooLargeError || error instanceof ResponseUnreadableError;
      if (isNeeded || !isOfBody) throw error;
      return { body: null, note: `. ${error.message}` };
    }
  }
}

function isWithin(status: number, ranges: readonly StatusRange[]): boolean {
  return ranges.some(({ from, to }) => status >= from && status <= to);
}

/** Marks a failure after an effect as of unknown outcome, so that a retry keeps the idempotency key. */
function afterDone(hop: Hop, outcome: TaskOutcome): TaskOutcome {
  return hop.done && outcome.kind === 'failed' ? { ...outcome, outcomeKnown: false } : outcome;
}

/** The headers as Node joins them, each name once. Only `set-cookie` can't be joined and is a list. */
function resultHeaders(headers: IncomingMessage['headers']): JsonObject {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
}
