import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A request that arrived. */
export interface Call {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Names in lower case; the name of a repeated header is repeated. */
  readonly headerNames: readonly string[];
  readonly body: string;
  /** The `Idempotency-Key` header, by which a repeated side effect is told from a new one. */
  readonly idempotencyKey: string | undefined;
}

export interface Reply {
  readonly status: number;
  /** Written as JSON. */
  readonly body?: unknown;
  /** Instead of `body`: JSON as it is. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Makes an answer. The caller waits until the promise is settled. */
export type Replier = (call: Call) => Reply | Promise<Reply>;

const OK: Reply = { status: 200, body: { ok: true } };

/** What an `http` task calls: remembers each call and answers as it is told. */
export class TargetServer {
  readonly #calls: Call[] = [];
  readonly #server: Server;
  #replier: Replier = () => OK;

  private constructor() {
    this.#server = createServer((request, response) => {
      void text(request).then(async (body) => {
        const key = request.headers['idempotency-key'];
        const call = {
          method: request.method ?? '',
          path: request.url ?? '',
          headers: request.headers,
          headerNames: request.rawHeaders
            .filter((_, index) => index % 2 === 0)
            .map((name) => name.toLowerCase()),
          body,
          idempotencyKey: typeof key === 'string' ? key : undefined,
        };
        this.#calls.push(call);
        const reply = await this.#replier(call);
        response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers });
        response.end(reply.text ?? (reply.body === undefined ? '' : JSON.stringify(reply.body)));
      });
    });
  }

  static async start(): Promise<TargetServer> {
    const target = new TargetServer();
    await new Promise<void>((resolve) => {
      target.#server.listen(0, '127.0.0.1', resolve);
    });
    return target;
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  /** All calls so far, in the order they came, answered or not. */
  get calls(): readonly Call[] {
    return this.#calls;
  }

  callsTo(path: string): readonly Call[] {
    return this.#calls.filter((call) => call.path === path);
  }

  /** How often each idempotency key came. */
  get timesByKey(): ReadonlyMap<string | undefined, number> {
    const times = new Map<string | undefined, number>();
    for (const { idempotencyKey: key } of this.#calls) times.set(key, (times.get(key) ?? 0) + 1);
    return times;
  }

  /** How it answers from now on; the default is 200 with `{"ok": true}`. */
  replyWith(replier: Replier): void {
    this.#replier = replier;
  }

  /** Leaves every call unanswered until `release`, which then answers all with 200. */
  hold(): { readonly release: () => void } {
    let release = (): void => undefined;
    const released = new Promise<Reply>((resolve) => {
      release = () => {
        resolve(OK);
      };
    });
    this.#replier = () => released;
    return { release };
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
