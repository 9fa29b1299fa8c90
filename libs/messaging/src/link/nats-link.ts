import {
  type ConnectionOptions,
  type NatsConnection,
  PermissionViolationError,
  connect,
} from '@nats-io/transport-node';
import { setTimeout as delay } from 'node:timers/promises';
import { NatsUnavailableError } from '../errors.js';

/** How long to wait between two attempts to make the first connection, in milliseconds. */
const FIRST_CONNECT_WAIT_MS = 1_000;

/** How long each part of closing may wait for the server, in milliseconds. */
const CLOSE_MS_MAX = 500;

/** Whether NATS is there, since when (milliseconds since 1970), and why not. */
export interface NatsLinkState {
  readonly available: boolean;
  readonly since: number;
  readonly reason?: string;
}

/**
 * The connection to NATS as the rest of the process sees it: available or not. It exists before the first connection
 * is made, so an application starts without NATS.
 *
 * Made by `connectNats`.
 */
export class NatsLink {
  readonly #observers = new Set<(state: NatsLinkState) => void>();
  readonly #forbidden = new Set<(subject: string) => void>();
  readonly #closing = new AbortController();
  readonly #firstConnection: Promise<void>;
  #connection: NatsConnection | undefined;
  #state: NatsLinkState = { available: false, since: Date.now(), reason: 'not connected yet' };

  constructor(options: ConnectionOptions) {
    this.#firstConnection = this.#connectFirst(options);
  }

  get state(): NatsLinkState {
    return this.#state;
  }

  /** False while the server is known to be gone. */
  get available(): boolean {
    return this.#state.available;
  }

  /**
   * The connection: the same object across all reconnects. @throws NatsUnavailableError before the first connection
   */
  get connection(): NatsConnection {
    if (this.#connection === undefined) {
      throw new NatsUnavailableError(this.#state.reason ?? 'not connected yet');
    }
    return this.#connection;
  }

  /** Calls back at each change until it is closed; returns what unsubscribes. */
  onChange(observer: (state: NatsLinkState) => void): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  /**
   * Calls back with each subject on which the server forbids us to publish: the server reports that only after the
   * message, and before it answers later ones. Returns what unsubscribes.
   */
  onForbidden(observer: (subject: string) => void): () => void {
    this.#forbidden.add(observer);
    return () => this.#forbidden.delete(observer);
  }

  /**
   * Sends what is buffered (while the server is there) and disconnects for good. A server that goes meanwhile, or
   * does not answer within `CLOSE_MS_MAX`, is abandoned.
   */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.race([this.#firstConnection, afterClosing()]);
    const connection = this.#connection;
    if (connection === undefined || connection.isClosed()) return;
    if (this.available) {
      await Promise.race([connection.drain().catch(() => undefined), afterClosing()]);
    }
    await Promise.race([connection.close(), afterClosing()]);
  }

  /** `waitOnFirstConnect` would do the same, but it does not report why there is no connection yet. */
  async #connectFirst(options: ConnectionOptions): Promise<void> {
    while (!this.#closing.signal.aborted) {
      try {
        await this.#use(await connect(options));
        return;
      } catch (error) {
        this.#down(reasonOf(error, options));
        await this.#waitBeforeNextAttempt();
      }
    }
  }

  /** A connection that is made after the link was closed is closed, too. */
  async #use(connection: NatsConnection): Promise<void> {
    if (this.#closing.signal.aborted) {
      await connection.close();
      return;
    }
    this.#connection = connection;
    this.#up();
    void this.#follow(connection);
  }

  async #waitBeforeNextAttempt(): Promise<void> {
    const { signal } = this.#closing;
    await delay(FIRST_CONNECT_WAIT_MS, undefined, { signal }).catch(() => undefined);
  }

  async #follow(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (status.type === 'reconnect') this.#up();
      if (status.type === 'disconnect') this.#down('disconnected');
      if (status.type === 'error') this.#onError(status.error);
    }
    this.#down('closed');
  }

  #onError(error: Error): void {
    if (!this.available) this.#down(error.message);
    if (!(error instanceof PermissionViolationError) || error.operation !== 'publish') return;
    for (const observer of this.#forbidden) observer(error.subject);
  }

  #up(): void {
    this.#change({ available: true, since: Date.now() });
  }

  /** A later reason of the same outage replaces the earlier reason, and not its time. */
  #down(reason: string): void {
    const since = this.available ? Date.now() : this.#state.since;
    this.#change({ available: false, since, reason });
  }

  #change(state: NatsLinkState): void {
    const before = this.#state;
    if (state.available === before.available && state.reason === before.reason) return;
    this.#state = state;
    // The state that closing causes is no outage.
    if (this.#closing.signal.aborted) return;
    for (const observer of this.#observers) observer(state);
  }
}

/**
 * With TLS 1.3 a server rejects a certificate after the client's part of the handshake; the library loses that error,
 * and its timeout expires.
 */
function reasonOf(error: unknown, { tls }: ConnectionOptions): string {
  const reason = error instanceof Error ? error.message : String(error);
  return tls && reason === 'timeout'
    ? 'timeout: it does not answer, or does not trust our certificate'
    : reason;
}

function afterClosing(): Promise<void> {
  return delay(CLOSE_MS_MAX, undefined, { ref: false });
}
