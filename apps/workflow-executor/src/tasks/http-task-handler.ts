import { type JsonLimits, toJsonText } from '@app/json';
import { FAILURE_CODES } from '@app/workflow-engine';
import { Agent, type Dispatcher, request } from 'undici';
import { type AddressGuard } from './address-guard.js';
import { AddressRefusedError } from './errors.js';
import { type TaskCall, TaskHandler, type TaskOutcome } from './task-handler.js';
import {
  responseBodyOf,
  ResponseOutOfBoundsError,
  ResponseTooLargeError,
} from './response-body.js';

export interface HttpTaskLimits {
  /** A larger answer fails the task. */
  readonly responseBytesMax: number;
  /** JSON beyond them fails the task. */
  readonly json: JsonLimits;
  readonly connectTimeoutMs: number;
  /** Connections to one origin at the same time. */
  readonly connectionsPerOriginMax: number;
}

/** What a system does before there is a connection to send on. */
const BEFORE_SENDING: readonly unknown[] = ['getaddrinfo', 'connect'];

/** A gateway speaks for a target that may have done what it was asked, and only its answer was lost. */
const OF_GATEWAYS = [502, 504];

/** What undici says of a request that can't be put into HTTP: such as a `Connection` header. */
const NO_REQUEST = new Set([
  'UND_ERR_INVALID_ARG',
  'UND_ERR_NOT_SUPPORTED',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
]);

/**
 * Calls out over HTTP for tasks of type `http`. Redirects are not followed, so what was checked is
 * what is called. An answer below 400 succeeds; 408, 425, 429 and 5xx are worth another attempt.
 */
export class HttpTaskHandler extends TaskHandler {
  readonly #agent: Agent;

  constructor(
    private readonly guard: AddressGuard,
    private readonly limits: HttpTaskLimits,
  ) {
    super();
    this.#agent = new Agent({
      connections: limits.connectionsPerOriginMax,
      connect: { timeout: limits.connectTimeoutMs, lookup: guard.lookup },
    });
  }

  override async run(call: TaskCall): Promise<TaskOutcome> {
    if (!URL.canParse(call.effect.params.url)) return impossible('its "url" is not a valid URL');
    const url = new URL(call.effect.params.url);
    try {
      this.guard.checkHost(url.hostname);
      return await this.#answerOf(await this.#send(url, call));
    } catch (error) {
      return outcomeOfError(error, url.origin, call.abort);
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  #send(url: URL, call: TaskCall): Promise<Dispatcher.ResponseData> {
    const { method, body } = call.effect.params;
    const json = body !== undefined && typeof body !== 'string';
    return request(url, {
      method,
      headers: headersOf(call, json),
      body: json ? toJsonText(body) : (body ?? null),
      dispatcher: this.#agent,
      signal: call.abort,
      // The attempt has its own timeout; undici's would only hide it.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  async #answerOf(response: Dispatcher.ResponseData): Promise<TaskOutcome> {
    const { statusCode, headers } = response;
    const body = await responseBodyOf(response, {
      bytesMax: this.limits.responseBytesMax,
      json: this.limits.json,
    });
    const results = { statusCode, headers: textHeaders(headers), body };
    if (statusCode < 400) return { kind: 'succeeded', results };
    const retryAfterMs = retryAfterMsOf(headers['retry-after']);
    return {
      kind: 'failed',
      code: 'HTTP_STATUS',
      message: `The call was answered with status ${statusCode}`,
      retryable: [408, 425, 429].includes(statusCode) || statusCode >= 500,
      outcomeKnown: !OF_GATEWAYS.includes(statusCode),
      results,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    };
  }
}

/** Names in lower case: one that came in two spellings would be sent twice. */
function headersOf(call: TaskCall, json: boolean): Record<string, string[]> {
  const given: Record<string, string[]> = {};
  for (const [name, value] of call.effect.params.headers) {
    (given[name.toLowerCase()] ??= []).push(value);
  }
  return {
    traceparent: [call.traceparent],
    ...(json ? { 'content-type': ['application/json'] } : {}),
    ...given,
    'idempotency-key': [call.idempotencyKey],
  };
}

function outcomeOfError(error: unknown, origin: string, abort: AbortSignal): TaskOutcome {
  if (error instanceof AddressRefusedError) return failed(error.code, error.message, false);
  if (error instanceof ResponseTooLargeError || error instanceof ResponseOutOfBoundsError) {
    return failed(error.code, error.message, false);
  }
  if (abort.aborted) {
    return failed(
      'TASK_TIMEOUT',
      `No answer from ${origin} within the task's timeout`,
      true,
      false,
    );
  }
  const code = codeOf(error);
  if (NO_REQUEST.has(code)) return impossible((error as Error).message);
  const unsent = neverSent(error);
  const message = unsent
    ? `${origin} can't be reached (${code})`
    : `The connection to ${origin} was lost before the answer was complete (${code})`;
  return failed('HTTP_UNREACHABLE', message, true, unsent);
}

/**
 * Whether the request certainly never left this machine, so that it can't have had an effect. The code
 * does not say it: a connection that was made can end with the same ones (`read ETIMEDOUT`).
 */
function neverSent(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  // One for each address of the name.
  if ('errors' in error && Array.isArray(error.errors)) {
    return error.errors.length > 0 && error.errors.every(neverSent);
  }
  if (codeOf(error) === 'UND_ERR_CONNECT_TIMEOUT') return true;
  return 'syscall' in error && BEFORE_SENDING.includes(error.syscall);
}

/** What Node and undici name an error by. */
function codeOf(error: unknown): string {
  const named = typeof error === 'object' && error !== null && 'code' in error;
  return named ? String(error.code) : 'unknown error';
}

function impossible(why: string): TaskOutcome {
  return failed(FAILURE_CODES.PARAM_INVALID, `The call can't be made: ${why}`, false);
}

function failed(
  code: string,
  message: string,
  retryable: boolean,
  outcomeKnown = true,
): TaskOutcome {
  return { kind: 'failed', code, message, retryable, outcomeKnown };
}

function textHeaders(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name !== 'set-cookie' && value !== undefined) texts[name] = [value].flat().join(', ');
  }
  return texts;
}

/** RFC 9110, section 10.2.3, in its form of whole seconds. */
function retryAfterMsOf(value: string | string[] | undefined): number | undefined {
  return typeof value === 'string' && /^\d{1,6}$/.test(value) ? Number(value) * 1000 : undefined;
}
