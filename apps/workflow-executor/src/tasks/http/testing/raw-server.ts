import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** A server that answers with bytes, for what no HTTP library would send. */
export class RawServer {
  readonly #sockets = new Set<Socket>();
  /** Requests by their first line, in the order they came. */
  readonly requests: string[] = [];
  connections = 0;

  private constructor(private readonly server: Server) {}

  /** @param answer called with each request (the text up to its headers' end) of a connection, from 1 */
  static async start(
    answer: (socket: Socket, request: number, text: string) => void,
  ): Promise<RawServer> {
    const server = createServer();
    const raw = new RawServer(server);
    server.on('connection', (socket) => {
      raw.#take(socket, answer);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return raw;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #take(socket: Socket, answer: (socket: Socket, request: number, text: string) => void): void {
    this.connections += 1;
    this.#sockets.add(socket);
    let text = '';
    let count = 0;
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end !== -1; end = text.indexOf('\r\n\r\n')) {
        const head = text.slice(0, end);
        text = text.slice(end + 4);
        this.requests.push(head.split('\r\n', 1).join());
        count += 1;
        answer(socket, count, head);
      }
    });
  }
}
