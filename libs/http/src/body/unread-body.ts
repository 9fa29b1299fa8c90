import { type IncomingMessage, type ServerResponse } from 'node:http';
import { hasBody } from './read-body.js';
import { type Socket } from 'node:net';

/** A rest up to this size is cheaper to read and drop than a new connection. */
const DROPPED_BYTES_MAX = 64 * 1024;

/**
 * A client that goes on sending after the answer may send this much before it is cut off: more than the
 * largest webhook of a provider (25 MB), so that who reads only after writing hears why it was refused.
 */
const LINGERING_BYTES_MAX = 32 * 1024 * 1024;

/**
 * Called before an answer is sent. If the request's body was not read (it was refused before, or the
 * body was too large), its rest must neither be taken for the next request nor be read to its end
 * however long it is: the answer then closes the connection.
 */
export function closeIfBodyUnread(request: IncomingMessage, response: ServerResponse): void {
  if (request.complete || !hasBody(request)) return;
  const declared = Number(request.headers['content-length'] ?? Number.POSITIVE_INFINITY);
  if (declared <= DROPPED_BYTES_MAX) return;
  response.setHeader('Connection', 'close');
  const { socket } = request;
  // Node calls this when the answer is out. Its own version does not linger.
  socket.destroySoon = () => {
    closeLingering(socket);
  };
  let dropped = 0;
  request.on('data', (chunk: Buffer) => {
    dropped += chunk.length;
    if (dropped > LINGERING_BYTES_MAX) socket.destroy();
  });
  // Whoever looked at its beginning may have paused it: what nobody reads ends in a reset.
  request.resume();
}

/** How long an answered client may send nothing before its connection is cut, in milliseconds. */
const SILENT_MS_MAX = 1_000;

/** How long it may go on sending in all: as long as a request may take to come, by default. */
const LINGER_MS_MAX = 15_000;

/**
 * Closes a connection whose client may still be sending. Closing at once would make the system
 * answer the bytes that are still coming with a reset, and a reset can overtake the response: the
 * client would see a broken connection instead of why it was refused. So only our half is closed;
 * what still comes is read and dropped until the client stops.
 *
 * Many clients read nothing before all of their request is written. One that is slow, or whose bytes
 * wait because this process is busy, is therefore waited for as long as something comes.
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
  // Timers come before what has arrived is read: after a pause of the process that is all there is to see.
  const timer = setTimeout(() => setImmediate(look), SILENT_MS_MAX);
  socket.once('close', () => {
    clearTimeout(timer);
  });
}
