import { type IncomingMessage, type ServerResponse } from 'node:http';
import { hasBody } from './read-body.js';
import { type Socket } from 'node:net';

/** Up to this size the rest of a body is cheaper to read and drop than a new connection. */
const DROPPED_BYTES_MAX = 64 * 1024;

/**
 * How much a client may send after the answer before it is cut off: more than the largest webhook of a provider (25
 * MB), so that a client that reads only after writing gets to read the answer.
 */
const LINGERING_BYTES_MAX = 32 * 1024 * 1024;

/**
 * Call it before an answer is sent. If the request's body was not read (it was refused before, or the body was too
 * large), the rest of the body must neither be taken for the next request nor be read to its end however long it is.
 * The answer then closes the connection.
 */
export function closeIfBodyUnread(request: IncomingMessage, response: ServerResponse): void {
  if (request.complete || !hasBody(request)) return;
  const declared = Number(request.headers['content-length'] ?? Number.POSITIVE_INFINITY);
  if (declared <= DROPPED_BYTES_MAX) return;
  response.setHeader('Connection', 'close');
  const { socket } = request;
  // Node calls this when the answer is sent. Its own version closes at once.
  socket.destroySoon = () => {
    closeLingering(socket);
  };
  let dropped = 0;
  request.on('data', (chunk: Buffer) => {
    dropped += chunk.length;
    if (dropped > LINGERING_BYTES_MAX) socket.destroy();
  });
  // The body may be paused after a look at its beginning; unread bytes would end in a reset.
  request.resume();
}

/** How long a client that was answered may send nothing before its connection is cut, in milliseconds. */
const SILENT_MS_MAX = 1_000;

/** How long it may go on sending in all, in milliseconds: the default of how long a request may take to come. */
const LINGER_MS_MAX = 15_000;

/**
 * Closes a connection whose client may still be sending. The system answers bytes that come after a full close with a
 * reset, and a reset can overtake the response: the client would see a broken connection instead of the reason. So
 * only our half is closed; what still comes is read and dropped until the client stops.
 *
 * Many clients read nothing before all of their request is written. The connection therefore stays open as long as
 * bytes come, for a slow client as well as for bytes that wait because this process is busy.
 */
export function closeLingering(socket: Socket): void {
  socket.end();
  const until = performance.now() + LINGER_MS_MAX;
  let seenBytes = socket.bytesRead;
  const look = (): void => {
    const isSilent = socket.bytesRead === seenBytes;
    seenBytes = socket.bytesRead;
    if (isSilent || performance.now() >= until) socket.destroy();
    else timer.refresh();
  };
  // Timers run before pending bytes are read, so after a pause of the process this one may be early.
  const timer = setTimeout(() => setImmediate(look), SILENT_MS_MAX);
  socket.once('close', () => {
    clearTimeout(timer);
  });
}
