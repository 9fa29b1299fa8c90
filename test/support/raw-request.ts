import { connect, type Socket } from 'node:net';

/** An answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  /** Names as sent and in their order, with their values. */
  readonly headers: readonly (readonly [string, string])[];
  /** Everything after the headers, to the byte. */
  readonly body: Buffer;
}

export interface RawRequestOptions {
  /** Between two parts, in milliseconds; default 0. */
  readonly pauseMs?: number;
}

/**
 * Writes the parts as they are to a connection of its own, and reads until the server closes it: so
 * ask with `Connection: close`, or with what makes the server close. Parts that the server does not
 * want any more are not an error.
 */
export async function rawRequest(
  url: string,
  parts: readonly (string | Buffer)[],
  { pauseMs = 0 }: RawRequestOptions = {},
): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const answer = readToEnd(socket);
  for (const part of parts) {
    if (!socket.writable) break;
    socket.write(part);
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  return parse(await answer);
}

/** The head of a request for `/listener/event` with these header lines; its end included. */
export function requestHead(method: string, target: string, headers: readonly string[]): string {
  return [`${method} ${target} HTTP/1.1`, 'Host: localhost', ...headers, '', ''].join('\r\n');
}

function readToEnd(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve) => {
    const end = (): void => {
      resolve(Buffer.concat(chunks));
    };
    // A reset after the answer leaves the answer.
    socket.on('error', end).on('close', end);
  });
}

function parse(bytes: Buffer): RawAnswer {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd === -1) throw new Error(`This is no HTTP answer: "${bytes.toString('latin1')}"`);
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, headEnd).split('\r\n');
  return {
    status: Number(statusLine.split(' ')[1]),
    headers: lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
    }),
    body: bytes.subarray(headEnd + 4),
  };
}
