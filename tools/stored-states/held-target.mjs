import { once } from 'node:events';
import { createServer } from 'node:http';

/** Is not answered. */
const HELD = '/held';
/** @type {Readonly<Record<string, number>>} */
const STATUSES = { '/missing': 404, '/down': 503 };

/**
 * What runs call while their states are made: some calls fail, some are never answered.
 *
 * @returns {Promise<{ url: string, stop: () => Promise<void> }>}
 */
export async function startHeldTarget() {
  const server = createServer((request, response) => {
    request.resume();
    const path = request.url ?? '';
    if (path === HELD) return;
    response.writeHead(STATUSES[path] ?? 200, { 'content-type': 'application/json' });
    response.end('{}');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
