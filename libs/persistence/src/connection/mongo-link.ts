import { Logger } from '@nestjs/common';
import mongoose, { mongo, type Connection } from 'mongoose';
import { setTimeout as sleep } from 'node:timers/promises';
import { StoreUnavailableError, StoreUnsupportedError } from '../errors.js';
import { withDeadline } from './deadline.js';
import { type MongoSettings } from './mongo-settings.js';
import { checkServer, type Hello } from './server-check.js';
import { ServerClock } from './server-clock.js';
import { asStoreError } from './store-error.js';

/** A larger difference of clocks is logged as a warning, in milliseconds. */
const OFFSET_MS_WARNED = 1_000;

/** How long closing the connection may take, in milliseconds. */
const CLOSE_MS_MAX = 1_000;

/** Whether MongoDB is available, since when (milliseconds since 1970), and why not. */
export interface MongoLinkState {
  readonly available: boolean;
  readonly since: number;
  readonly reason?: string;
}

/**
 * The only connection to MongoDB of a process. It starts without a server and retries until it is
 * connected; then the driver's monitoring follows the replica set through stops, pauses and elections.
 * While no primary is known, operations are rejected at once instead of waiting for one: the callers
 * have an alternative, such as NATS (docs/design.md#path-of-an-event).
 */
export class MongoLink {
  /** For mongoose models (see `STRICT_SCHEMA`). */
  readonly connection: Connection = mongoose.createConnection();

  readonly #settings: MongoSettings;
  readonly #log = new Logger(MongoLink.name);
  readonly #closing = new AbortController();
  /** Created once, because the driver resolves the options of each `Db` again. */
  #db: mongo.Db | undefined;
  #available = false;
  #since = Date.now();
  #reason: string | undefined = 'not connected yet';
  #wasAvailable = false;
  #regainedAt: number | undefined;
  #clockIsFar = false;
  #unsupported: StoreUnsupportedError | undefined;
  #listeners: ((available: boolean) => void)[] = [];
  #observers: ((state: MongoLinkState) => void)[] = [];

  /** @param clock by which leases and wake-ups are written and judged */
  constructor(
    settings: MongoSettings,
    readonly clock = new ServerClock(),
  ) {
    this.#settings = settings;
  }

  /** Whether a primary is known. */
  get available(): boolean {
    return this.#available;
  }

  /** When `available` last changed, in milliseconds since 1970. */
  get since(): number {
    return this.#since;
  }

  /** Whether a primary is known, since when, and why not. */
  get state(): MongoLinkState {
    const state = { available: this.#available, since: this.#since };
    return this.#reason === undefined ? state : { ...state, reason: this.#reason };
  }

  /** The end of the last outage, by `clock`; undefined if there was none. */
  get regainedAt(): number | undefined {
    return this.#regainedAt;
  }

  /** Calls back with `available` now and at each change from now on. */
  onChange(listener: (available: boolean) => void): void {
    this.#listeners.push(listener);
    listener(this.#available);
  }

  /** Calls back with `state` at each change of it from now on, another reason included. */
  onState(observer: (state: MongoLinkState) => void): void {
    this.#observers.push(observer);
  }

  /**
   * Resolves after the first attempt to connect, whether there was a server or not; goes on trying.
   * @throws StoreUnsupportedError when the server that answered can't be used
   */
  async open(): Promise<void> {
    if (await this.#attempt()) return;
    void this.#keepTrying();
  }

  /**
   * Runs one read or write.
   * @throws StoreUnavailableError when no primary is known or the answer takes too long
   * @throws StoreUnsupportedError when the server can't be used
   */
  async run<T>(operation: string, work: (db: mongo.Db) => PromiseLike<T>): Promise<T> {
    if (this.#unsupported) throw this.#unsupported;
    if (!this.#available || !this.#db) throw new StoreUnavailableError(operation);
    try {
      const late = (): Error => new StoreUnavailableError(operation);
      return await withDeadline(
        Promise.resolve(work(this.#db)),
        this.#settings.operationMsMax,
        late,
      );
    } catch (error) {
      throw asStoreError(operation, error);
    }
  }

  /**
   * Runs work without a deadline (an index of a large collection), on a connection of its own.
   * Rejects with the driver's errors.
   */
  async maintain<T>(work: (db: mongo.Db) => Promise<T>): Promise<T> {
    const options = { ...connectOptions(this.#settings), socketTimeoutMS: 0, maxPoolSize: 2 };
    const client = new mongo.MongoClient(this.#settings.url, options);
    try {
      return await work(client.db());
    } finally {
      await client.close();
    }
  }

  /** Closes the connection; a server that does not answer within `CLOSE_MS_MAX`, or is gone, is abandoned. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#listeners = [];
    this.#observers = [];
    this.#setAvailable(false, 'closed');
    const late = sleep(CLOSE_MS_MAX, undefined, { ref: false });
    await Promise.race([this.connection.close().catch(() => undefined), late]);
  }

  async #keepTrying(): Promise<void> {
    const { signal } = this.#closing;
    try {
      do await sleep(this.#settings.retryMs, undefined, { signal });
      while (!(await this.#attemptAgain()));
    } catch (error) {
      if (!signal.aborted) this.#log.error(error);
    }
  }

  /** An unsuitable server may become suitable: a replica set that is not initiated yet. */
  async #attemptAgain(): Promise<boolean> {
    const known = this.#unsupported;
    try {
      return await this.#attempt();
    } catch (error) {
      if (!(error instanceof StoreUnsupportedError)) throw error;
      if (error.message !== known?.message) this.#log.error(error.message);
      return false;
    }
  }

  /** @returns whether the connection is established */
  async #attempt(): Promise<boolean> {
    try {
      await this.connection.openUri(this.#settings.url, connectOptions(this.#settings));
      if (this.#closing.signal.aborted) {
        await this.connection.close();
        return false;
      }
      await this.#useServer();
      return true;
    } catch (error) {
      if (error instanceof StoreUnsupportedError) {
        this.#unsupported = error;
        this.#setAvailable(false, error.message);
        await this.connection.close();
        throw error;
      }
      if (error instanceof mongo.MongoParseError) throw error;
      this.#setAvailable(false, reasonOf(error));
      return false;
    }
  }

  async #useServer(): Promise<void> {
    const client = this.connection.getClient();
    this.#db = client.db();
    const hello: Hello = await client.db('admin').command({ hello: 1 });
    checkServer(hello);
    this.#unsupported = undefined;
    // `hello` needs no rights, so a read checks that the user has them.
    await this.#db.collection('workflows').findOne({}, { projection: { _id: 1 } });
    this.#readClock(hello);
    client.on('serverHeartbeatSucceeded', ({ reply }) => {
      this.#readClock(reply);
    });
    client.on('topologyDescriptionChanged', ({ newDescription }) => {
      this.#setAvailable(hasPrimary(newDescription), whyNoPrimary(newDescription));
    });
    this.#setAvailable(true);
  }

  #readClock({ isWritablePrimary, localTime }: Hello): void {
    if (!isWritablePrimary || !localTime) return;
    this.clock.observe(localTime);
    const isFar = Math.abs(this.clock.offsetMs) >= OFFSET_MS_WARNED;
    if (isFar && !this.#clockIsFar) {
      const seconds = this.clock.offsetMs / 1000;
      this.#log.warn(`MongoDB's clock is ${seconds} s ahead of this machine's; keep both by NTP`);
    }
    this.#clockIsFar = isFar;
  }

  /** @param reason why it is not available */
  #setAvailable(available: boolean, reason?: string): void {
    if (available && this.#closing.signal.aborted) return;
    const isNews = available ? !this.#available : reason !== this.#reason;
    this.#reason = available ? undefined : reason;
    if (available !== this.#available) this.#change(available);
    if (isNews) for (const observer of this.#observers) observer(this.state);
  }

  #change(available: boolean): void {
    this.#available = available;
    this.#since = Date.now();
    if (available && this.#wasAvailable) this.#regainedAt = this.clock.now();
    this.#wasAvailable = true;
    for (const listener of this.#listeners) listener(available);
  }
}

/** The driver's errors of the servers that it can't reach; they have addresses, but no credentials. */
function whyNoPrimary({ servers }: mongo.TopologyDescription): string {
  const reasons = [...servers.values()].flatMap(({ error }) => (error ? [reasonOf(error)] : []));
  return [...new Set(reasons)].join('; ') || 'no primary is known';
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function hasPrimary(topology: mongo.TopologyDescription): boolean {
  return [...topology.servers.values()].some(({ type }) => type === 'RSPrimary');
}

function connectOptions(settings: MongoSettings): mongo.MongoClientOptions {
  return {
    writeConcern: { w: 'majority', journal: true },
    retryWrites: true,
    ignoreUndefined: true,
    maxPoolSize: settings.connectionsMax,
    connectTimeoutMS: settings.connectMsMax,
    serverSelectionTimeoutMS: settings.connectMsMax,
    waitQueueTimeoutMS: settings.operationMsMax,
    socketTimeoutMS: settings.operationMsMax,
    heartbeatFrequencyMS: settings.heartbeatMs,
  };
}
