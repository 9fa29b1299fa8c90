import { type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import { type Connections, isIdempotent } from './connecting/connections.js';

/** One request of a call. A redirect leads to another one. */
export interface HttpRequest {
  readonly url: URL;
  readonly method: string;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body?: Buffer | undefined;
}

export interface ExchangeOptions {
  readonly connections: Connections;
  readonly lookup: LookupFunction;
  readonly connectTimeoutMs: number;
  /** Whether the request may use a kept connection. */
  readonly mayReuse: boolean;
  readonly abort: AbortSignal;
}

/**
 * How far a broken request got. `unsent`: certainly nothing was sent. `tls`: the TLS handshake failed, so the target took
 * no request. `sent`: it is unknown whether the target carried out the request.
 */
export type Reached = 'unsent' | 'tls' | 'sent';

/** A request got no answer. */
export class ExchangeBrokenError extends Error {
  constructor(
    readonly reached: Reached,
    /** Whether the connection had been used before, so that the target may just have closed it. */
    readonly onKept: boolean,
    override readonly cause: NodeJS.ErrnoException,
  ) {
    super(cause.message, { cause });
  }
}

/** Errors of the network during a handshake. Any other error is one of TLS. */
const OF_THE_NETWORK = new Set([
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
]);

/**
 * Alerts about the certificate of a client (RFC 8446, section 6.2). In TLS 1.3 a client has finished its
 * part of the handshake, and may have sent its request, when the target looks at its certificate; a
 * target that sends one of these has not taken that request.
 */
const OF_CLIENT_CERTIFICATES = new Set([
  'BAD_CERTIFICATE',
  'CERTIFICATE_EXPIRED',
  'CERTIFICATE_REQUIRED',
  'CERTIFICATE_REVOKED',
  'CERTIFICATE_UNKNOWN',
  'UNKNOWN_CA',
  'UNSUPPORTED_CERTIFICATE',
]);

/** The most bytes of all headers of an answer. */
const HEADER_BYTES_MAX = 65_536;

/** The most 1xx answers before the final one. In practice only 100, 102 and 103 are used, each once. */
const INFORMATIONS_MAX = 100;

/** The code of an answer that violates HTTP, with the prefix of the codes of Node's parser. */
const NOT_HTTP = 'HPE_UNEXPECTED_1XX';

/**
 * Sends a request and resolves when the headers of its final answer have arrived; 1xx answers are skipped. An idempotent
 * request on a kept connection that the target was closing is sent once more, on a new connection.
 *
 * @throws ExchangeBrokenError
 */
export async function exchange(
  request: HttpRequest,
  options: ExchangeOptions,
): Promise<IncomingMessage> {
  const mayReuse = options.mayReuse && isIdempotent(request.method);
  try {
    return await sendOnce(request, options, mayReuse ? 'kept' : 'single');
  } catch (error) {
    const isWorthAnother = error instanceof ExchangeBrokenError && error.onKept;
    if (!isWorthAnother || options.abort.aborted) throw error;
    return await sendOnce(request, options, 'single');
  }
}

function sendOnce(
  request: HttpRequest,
  options: ExchangeOptions,
  use: 'kept' | 'single',
): Promise<IncomingMessage> {
  const outgoing = outgoingOf(request, options, use);
  return new Promise((resolve, reject) => {
    const connecting = watchConnecting(outgoing, options.connectTimeoutMs);
    const fail = (cause: NodeJS.ErrnoException): void => {
      reject(new ExchangeBrokenError(connecting.reached(cause), outgoing.reusedSocket, cause));
    };
    outgoing.on('response', resolve);
    refuseWhatIsNoAnswer(outgoing, fail);
    // The listener stays, because a request without one would throw; the answer's stream reports later errors as well.
    outgoing.on('error', fail);
    // A request that closes without an error must fail, too, or its call would hold its slot for ever.
    outgoing.on('close', () => {
      fail(new NoAnswerError('ECONNRESET', 'closed without an answer'));
    });
    outgoing.end(request.body);
  });
}

function outgoingOf(
  { url, method, headers, body }: HttpRequest,
  { connections, lookup, abort }: ExchangeOptions,
  use: 'kept' | 'single',
): ClientRequest {
  const isSecure = url.protocol === 'https:';
  const host = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
  const outgoing = (isSecure ? httpsRequest : httpRequest)({
    agent: connections.for(isSecure ? 'https:' : 'http:', use),
    host,
    // The certificate must have the host name of the URL, whatever the Host header says.
    ...(isSecure && { servername: isIP(host) === 0 ? host : '' }),
    port: url.port === '' ? undefined : Number(url.port),
    path: url.pathname + url.search,
    method,
    lookup,
    signal: abort,
    maxHeaderSize: HEADER_BYTES_MAX,
  });
  for (const [name, values] of headers) {
    const [only = ''] = values;
    outgoing.setHeader(name, values.length === 1 ? only : values);
  }
  if (body !== undefined) outgoing.setHeader('content-length', body.length);
  else if (['POST', 'PUT', 'PATCH'].includes(method)) outgoing.setHeader('content-length', 0);
  return outgoing;
}

/**
 * Fails a request whose target switches the protocol without being asked (Node would close the connection without an
 * error), or sends 1xx answers without end.
 */
function refuseWhatIsNoAnswer(outgoing: ClientRequest, fail: (cause: NoAnswerError) => void): void {
  let informations = 0;
  outgoing.on('information', () => {
    informations += 1;
    if (informations <= INFORMATIONS_MAX) return;
    outgoing.destroy(new NoAnswerError(NOT_HTTP, `more than ${INFORMATIONS_MAX} answers 1xx`));
  });
  outgoing.on('upgrade', (_response, socket) => {
    // Node has detached the socket, so the request emits no further events.
    socket.destroy();
    fail(new NoAnswerError(NOT_HTTP, 'changed to a protocol that nobody asked for'));
  });
}

/** Tracks how far a request gets, and limits the time to connect. */
function watchConnecting(
  outgoing: ClientRequest,
  timeoutMs: number,
): { readonly reached: (error: NodeJS.ErrnoException) => Reached } {
  let stage: 'none' | 'connected' | 'open' = 'none';
  outgoing.on('socket', (socket: Socket) => {
    if (outgoing.reusedSocket) {
      stage = 'open';
      return;
    }
    const timer = setTimeout(() => {
      outgoing.destroy(new ConnectTimeoutError(timeoutMs));
    }, timeoutMs);
    const isSecure = 'encrypted' in socket;
    socket.once('connect', () => (stage = 'connected'));
    socket.once(isSecure ? 'secureConnect' : 'connect', () => {
      stage = 'open';
      clearTimeout(timer);
    });
    socket.once('close', () => {
      clearTimeout(timer);
    });
  });
  return {
    reached: ({ code = '', name }) => {
      if (stage === 'open') {
        // On a reused connection the target has accepted the client's certificate before.
        return !outgoing.reusedSocket && isAboutClientCertificate(code) ? 'tls' : 'sent';
      }
      if (code.startsWith('ERR_SSL_')) return 'tls';
      const ofTls = stage === 'connected' && !OF_THE_NETWORK.has(code) && name !== 'AbortError';
      return ofTls ? 'tls' : 'unsent';
    },
  };
}

/** Only the part after `_ALERT_` is compared: the prefix names a TLS version and differs between OpenSSL releases. */
function isAboutClientCertificate(code: string): boolean {
  const [before, alert = ''] = code.split('_ALERT_', 2);
  return before?.startsWith('ERR_SSL_') === true && OF_CLIENT_CERTIFICATES.has(alert);
}

class NoAnswerError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

class ConnectTimeoutError extends Error {
  readonly code = 'ETIMEDOUT';

  constructor(timeoutMs: number) {
    super(`no connection within ${timeoutMs} ms (HTTP_TASK_CONNECT_MS_MAX)`);
  }
}
