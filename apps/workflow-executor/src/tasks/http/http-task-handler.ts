import { type IncomingMessage } from 'node:http';
import { type JsonLimits, type JsonObject, type JsonValue } from '@app/json';
import { type StatusRange } from '@app/workflow-engine';
import { type AddressGuard } from './connecting/address-guard.js';
import { failed, impossible, outcomeOfError } from './broken-call.js';
import { type CallPlaces } from '../call-places.js';
import { Connections } from './connecting/connections.js';
import { ResponseTooLargeError, ResponseUnreadableError } from './errors.js';
import { firstRequestOf } from './first-request.js';
import { exchange, type HttpRequest } from './http-exchange.js';
import { isRedirect, locationOfOther3xx, redirectOf, shownLocation } from './redirects.js';
import { responseBodyOf } from './answers/response-body.js';
import { retryAfterMsOf } from './retry-after.js';
import { type TaskCall, TaskHandler, type TaskOutcome } from '../task-handler.js';

export interface HttpTaskLimits {
  /** A larger answer fails the task; counted after its content codings are taken off. */
  readonly responseBytesMax: number;
  /** JSON beyond them fails the task. */
  readonly json: JsonLimits;
  readonly connectTimeoutMs: number;
  /** Redirects that one call follows, at most. */
  readonly redirectsMax: number;
}

/** One request of a call: the first, or the one that a redirect led to. */
interface Hop {
  readonly request: HttpRequest;
  readonly guard: AddressGuard;
  /** Redirects before it. */
  readonly redirects: number;
  /** A request before it has had its effect, so a new key would repeat that. */
  readonly done: boolean;
}

/** A gateway speaks for a target that may have done what it was asked, and only its answer was lost. */
const OF_GATEWAYS = [502, 504];

const SUCCESS: readonly StatusRange[] = [{ from: 200, to: 299 }];

/**
 * Calls out over HTTP for tasks of type `http`. An answer with an expected status (2xx, unless the task
 * says otherwise) succeeds; 408, 425, 429 and 5xx are worth another attempt. A call has a place from
 * before its first request to the end of its answer; its redirects need no other.
 */
export class HttpTaskHandler extends TaskHandler<'http'> {
  constructor(
    private readonly guard: AddressGuard,
    private readonly limits: HttpTaskLimits,
    private readonly places: CallPlaces,
    private readonly connections = new Connections(),
  ) {
    super();
  }

  override async run(call: TaskCall<'http'>): Promise<TaskOutcome> {
    const first = firstRequestOf(call);
    if (first.kind === 'impossible') return impossible(first.why);
    const { workflowId, bytes } = call;
    const caller = { origin: first.request.url.origin, workflowId, bytes };
    const entry = this.places.ask(caller, call.abort);
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
    let next: Hop | TaskOutcome = { request, guard: this.guard, redirects: 0, done: false };
    while ('request' in next) next = await this.#take(next, call);
    return next;
  }

  close(): void {
    this.connections.close();
  }

  /** Makes one request; what it comes to is the outcome of the call, or the next request. */
  async #take(hop: Hop, call: TaskCall<'http'>): Promise<Hop | TaskOutcome> {
    const { origin } = hop.request.url;
    try {
      const response = await this.#send(hop, call);
      const next = this.#nextOf(hop, response, call);
      if (next === undefined) return afterDone(hop, await this.#answerOf(hop, response, call));
      response.destroy();
      return 'request' in next ? next : afterDone(hop, next);
    } catch (error) {
      return afterDone(hop, outcomeOfError(error, origin, call.abort));
    }
  }

  #send({ request, guard, redirects }: Hop, { abort }: TaskCall<'http'>): Promise<IncomingMessage> {
    guard.checkHost(request.url.hostname);
    return exchange(request, {
      connections: this.connections,
      lookup: guard.lookup,
      connectTimeoutMs: this.limits.connectTimeoutMs,
      // The address behind a kept connection was asked about by another guard, perhaps.
      mayReuse: redirects === 0,
      abort,
    });
  }

  /** Where an answer leads; undefined when it is the answer to the call. */
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
    return { request: redirect.request, guard, redirects: redirects + 1, done };
  }

  async #answerOf(
    { request }: Hop,
    response: IncomingMessage,
    call: TaskCall<'http'>,
  ): Promise<TaskOutcome> {
    const { statusCode = 0, headers } = response;
    const { expectedStatus = SUCCESS } = call.effect.params;
    const isExpected = isWithin(statusCode, expectedStatus);
    const { body, note } = await this.#bodyOf(response, isExpected, call);
    const results: JsonObject = { statusCode, headers: resultHeaders(headers), body };
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

  /** The status of a failure says more than a body that can't be read. */
  async #bodyOf(
    response: IncomingMessage,
    isNeeded: boolean,
    { roomForAnswer: roomFor }: TaskCall<'http'>,
  ): Promise<{ readonly body: JsonValue; readonly note: string }> {
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

/** A failure after an effect: whoever tries again must let the target know that it is the same. */
function afterDone(hop: Hop, outcome: TaskOutcome): TaskOutcome {
  return hop.done && outcome.kind === 'failed' ? { ...outcome, outcomeKnown: false } : outcome;
}

/** Each name once, as Node puts them together; only `set-cookie` can't be and is a list. */
function resultHeaders(headers: IncomingMessage['headers']): JsonObject {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
}
