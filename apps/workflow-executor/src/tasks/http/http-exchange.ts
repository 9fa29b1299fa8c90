import { type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import { type Connections, isIdempotent } from './connecting/connections.js';

/** One request as it is sent; a redirect makes another one of it. */
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
  /** Whether a connection may be one that was used before. */
  readonly mayReuse: boolean;
  readonly abort: AbortSignal;
}

/**
 * How far a request had come: `unsent` is certain, nothing of it left this machine; `tls` means that
 * the two did not agree on TLS, so the target took no request; after `sent` nobody knows what became of
 * it.
 */
export type Reached = 'unsent' | 'tls' | 'sent';

/** No answer came. */
export class ExchangeBrokenError extends Error {
  constructor(
    readonly reached: Reached,
    /** On a connection that had been used before, so the target may just have closed it. */
    readonly onKept: boolean,
    override readonly cause: NodeJS.ErrnoException,
  ) {
    super(cause.message, { cause });
  }
}

/** What a network does to a handshake; anything else is what TLS itself says. */
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

/** All headers of an answer together, in bytes. */
const HEADER_BYTES_MAX = 65_536;

/** Answers 1xx before the final one; none but 100, 102 and 103 is in use, and each of them comes once. */
const INFORMATIONS_MAX = 100;

/** As the codes of Node's parser begin: it is not what HTTP allows. */
const NOT_HTTP = 'HPE_UNEXPECTED_1XX';

/**
 * Sends a request and resolves when the headers of its final answer are there; 1xx are passed over. A
 * request that may go twice and met a kept connection that the target was closing goes again, once, on
 * a new one.
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
    // It stays: an error after the answer is told by the answer's stream, too.
    outgoing.on('error', fail);
    // Whoever waits for an answer holds a place: there is no end of a request without a word.
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
    // The name that the certificate must have is that of the URL, whatever a Host header says.
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
 * Ends a request whose target changes the protocol although nobody asked it to (Node would close the
 * connection and say nothing), or answers 1xx again and again instead of once for good.
 */
function refuseWhatIsNoAnswer(outgoing: ClientRequest, fail: (cause: NoAnswerError) => void): void {
  let informations = 0;
  outgoing.on('information', () => {
    informations += 1;
    if (informations <= INFORMATIONS_MAX) return;
    outgoing.destroy(new NoAnswerError(NOT_HTTP, `more than ${INFORMATIONS_MAX} answers 1xx`));
  });
  outgoing.on('upgrade', (_response, socket) => {
    // Node has given the socket away, so nothing more is heard of the request itself.
    socket.destroy();
    fail(new NoAnswerError(NOT_HTTP, 'changed to a protocol that nobody asked for'));
  });
}

/** Follows a request to the moment from which on it may have been sent. */
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
        // Whoever answered on a connection before has accepted its client.
        return !outgoing.reusedSocket && isAboutClientCertificate(code) ? 'tls' : 'sent';
      }
      if (code.startsWith('ERR_SSL_')) return 'tls';
      const ofTls = stage === 'connected' && !OF_THE_NETWORK.has(code) && name !== 'AbortError';
      return ofTls ? 'tls' : 'unsent';
    },
  };
}

/** What comes before `_ALERT_` names a version of TLS, and differs between releases of OpenSSL. */
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
