import { createServer } from 'node:net';

const LOOPBACK = '127.0.0.1';

/**
 * A port of the loopback interface that nothing listens on. Another process can take it before the
 * caller does, so whoever uses it must be ready to ask for another.
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
