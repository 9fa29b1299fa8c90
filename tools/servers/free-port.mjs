import { createServer } from 'node:net';

const LOOPBACK = '127.0.0.1';

/**
 * A free port of the loopback interface. Another process can take it before the caller does, so the caller must be able
 * to try another one.
 *
 * @returns {Promise<number>}
 */
export async function freePort() {
  const port = await listenBriefly(0);
  if (port === undefined) throw new Error('The system has no free port');
  return port;
}

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
export async function isPortFree(port) {
  return (await listenBriefly(port)) !== undefined;
}

/**
 * @param {number} port 0 lets the system choose
 * @returns {Promise<number | undefined>} undefined if it is taken
 */
function listenBriefly(port) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen({ port, host: LOOPBACK }, () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === 'object' ? address?.port : undefined);
      });
    });
  });
}
