import { once } from 'node:events';
import {
  createConnection,
  createServer,
  type AddressInfo,
  type Server,
  type Socket,
} from 'node:net';

/** How long a connection is left unread before it is cut: the client fills its buffers and waits. */
const SILENCE_MS = 20;

/**
 * Between a client and a server: passes on what comes, until a connection has carried as many bytes
 * as `cutAfterBytes` says; then it is silent for a moment, and is reset in mid-message.
 */
export class CuttingProxy {
  readonly #sockets = new Set<Socket>();
  /** How many connections it has cut. */
  cuts = 0;
  /**
   * After how many bytes, both ways together, the connection of this number ends; undefined: never. It counts for
   * connections that there are already, too: a client that needs no more of them would never lose one.
   */
  cutAfterBytes: (connection: number) => number | undefined = () => undefined;

  private constructor(
    private readonly server: Server,
    targetPort: number,
  ) {
    let connections = 0;
    server.on('connection', (client) => {
      connections += 1;
      this.#join(client, createConnection(targetPort, '127.0.0.1'), connections);
    });
  }

  static async start(targetPort: number): Promise<CuttingProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new CuttingProxy(server, targetPort);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  #join(client: Socket, upstream: Socket, connection: number): void {
    let carried = 0;
    let isEnding = false;
    const cut = (): void => {
      if (!client.destroyed) this.cuts += 1;
      client.resetAndDestroy();
      upstream.resetAndDestroy();
    };
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.#sockets.add(from);
      from.on('error', () => undefined);
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      from.on('data', (bytes) => {
        if (isEnding) return;
        const left = (this.cutAfterBytes(connection) ?? Infinity) - carried;
        to.write(bytes.subarray(0, Math.max(0, Math.min(left, bytes.length))));
        carried += bytes.length;
        if (bytes.length < left) return;
        isEnding = true;
        client.pause();
        upstream.pause();
        setTimeout(cut, SILENCE_MS);
      });
    }
  }
}
