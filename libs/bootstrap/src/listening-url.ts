import { type Server } from 'node:net';

/**
 * Where a server listens, as it is: `http://0.0.0.0:7720` says that it does on every interface, which a
 * URL that a client on this machine could use would hide.
 */
export function listeningUrl(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') return address ?? 'nowhere';
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}
