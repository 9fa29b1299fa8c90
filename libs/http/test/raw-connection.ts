import { connect, type Socket } from 'node:net';

export interface RawResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A client that sends bytes as they are, right or wrong, and waits for conditions, never for a time. */
export class RawConnection {
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  #received = '';
  #isClosed = false;
  #failure: Error | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#isClosed = true;
        resolve();
      });
    });
    socket.on('data', (chunk: Buffer) => {
      this.#received += chunk.toString('latin1');
    });
    socket.on('error', (error) => {
      this.#failure = error;
    });
  }

  static async to(port: number): Promise<RawConnection> {
    const socket = connect(port, '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    return new RawConnection(socket);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Why the connection was closed, if it was not in order: a reset, most of all. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  get writable(): boolean {
    return !this.#isClosed && this.#socket.writable;
  }

  send(...lines: readonly string[]): void {
    this.#socket.write(lines.join('\r\n'));
  }

  /** Resolves when the bytes have left this process, or the connection is gone. */
  async sendBytes(bytes: Buffer): Promise<void> {
    if (!this.writable) return;
    await Promise.race([
      new Promise<void>((resolve) => {
        this.#socket.write(bytes, () => {
          resolve();
        });
      }),
      this.closed,
    ]);
  }

  /** The next whole response. @throws if the connection is closed before it is there */
  async response(): Promise<RawResponse> {
    this.#socket.resume();
    for (;;) {
      const response = this.#takeResponse();
      if (response !== undefined) return response;
      if (this.#isClosed) throw new Error(`closed after ${JSON.stringify(this.#received)}`);
      await Promise.race([
        new Promise((resolve) => this.#socket.once('data', resolve)),
        this.closed,
      ]);
    }
  }

  /** As many clients do, which write all of their request first: `response` reads again. */
  readLater(): void {
    this.#socket.pause();
  }

  end(): void {
    this.#socket.destroy();
  }

  #takeResponse(): RawResponse | undefined {
    const headEnd = this.#received.indexOf('\r\n\r\n');
    if (headEnd === -1) return undefined;
    const [statusLine = '', ...lines] = this.#received.slice(0, headEnd).split('\r\n');
    const headers = Object.fromEntries(
      lines.map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    );
    const bodyStart = headEnd + 4;
    const bodyEnd = bodyStart + Number(headers['content-length'] ?? 0);
    if (this.#received.length < bodyEnd) return undefined;
    const body = this.#received.slice(bodyStart, bodyEnd);
    this.#received = this.#received.slice(bodyEnd);
    return { status: Number(statusLine.split(' ')[1]), headers, body };
  }
}
