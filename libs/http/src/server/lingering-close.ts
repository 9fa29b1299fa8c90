import { type Socket } from 'node:net';

/** How long an answered client may go on sending before its connection is cut, in milliseconds. */
const LINGER_MS = 1_000;

/**
 * Closes a connection whose client may still be sending. Closing at once would make the system
 * answer the bytes that are still coming with a reset, and a reset can overtake the response: the
 * client would see a broken connection instead of why it was refused. So only our half is closed;
 * what still comes is read and dropped until the client stops, or for a moment.
 */
export function closeLingering(socket: Socket): void {
  socket.end();
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => {
    clearTimeout(timer);
  });
}
