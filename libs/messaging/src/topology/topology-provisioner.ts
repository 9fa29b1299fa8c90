import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { type NatsLink } from '../link/nats-link.js';
import { countMessages, type MessageCount } from './count-messages.js';
import { createMissingStreams, reconcileTopology } from './reconcile-topology.js';
import { recreateConsumer } from './reconcile-consumer.js';
import { consumerOf, type Topology, type TopologyChange } from './topology.js';

export interface TopologyObserver {
  /** Streams or consumers were created, updated or made anew. */
  onReconciled(changes: readonly TopologyChange[]): void;
  /** A reconciliation in the background failed; it is tried again at the next connection or missing stream. */
  onFailed(error: unknown): void;
}

export interface StreamHoldings {
  readonly messages: number;
  /** When the oldest one was stored, in milliseconds since 1970; absent for none. */
  readonly oldestAt?: number;
}

/**
 * Reconciles JetStream with the declaration: at each connection, and whenever a publisher or consumer finds
 * a stream or consumer missing (JetStream's directory was wiped, an operator deleted a stream).
 *
 * A process that only publishes (`keeps: 'streams'`) only creates missing streams; processes that consume
 * them also update them.
 */
export class TopologyProvisioner {
  readonly #link: NatsLink;
  readonly #topology: Topology;
  readonly #observer: TopologyObserver;
  readonly #keeps: 'everything' | 'streams';
  readonly #unobserve: () => void;
  readonly #accepted = new Set<string>();
  /** The postponed changes that were reported, so that each is reported once. */
  readonly #postponed = new Set<string>();
  #running: Promise<void> | undefined;

  constructor(
    link: NatsLink,
    topology: Topology,
    observer: TopologyObserver,
    keeps: 'everything' | 'streams' = 'everything',
  ) {
    this.#link = link;
    this.#topology = topology;
    this.#observer = observer;
    this.#keeps = keeps;
    this.#unobserve = link.onChange(({ available }) => {
      // Requests on the previous connection are never answered.
      this.#running = undefined;
      if (available) this.reconcileInBackground();
    });
    if (link.available) this.reconcileInBackground();
  }

  /**
   * Runs one reconciliation at a time: a call during one shares it, unless it began on another connection.
   * @throws TopologyMismatchError, or the client library's error while NATS is unavailable
   */
  reconcile(): Promise<void> {
    if (this.#running) return this.#running;
    const running = this.#reconcile().finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }

  /** Failures go to the observer. */
  reconcileInBackground(): void {
    this.reconcile().catch((error: unknown) => {
      this.#observer.onFailed(error);
    });
  }

  /** Counts the messages of the stream, and compares with the counts of the consumer. */
  async countMessages(stream: string, durable: string): Promise<MessageCount> {
    return countMessages(await this.#manager(), stream, durable);
  }

  /** The messages that may be the only copies of their events. */
  async onlyCopies(): Promise<StreamHoldings> {
    const { streams } = await this.#manager();
    const names = this.#topology.flatMap(({ hintsOnly, config }) => (hintsOnly ? [] : config.name));
    const states = await Promise.all(names.map(async (name) => (await streams.info(name)).state));
    const full = states.filter(({ messages }) => messages > 0);
    const messages = full.reduce((sum, state) => sum + state.messages, 0);
    if (messages === 0) return { messages };
    return { messages, oldestAt: Math.min(...full.map(({ first_ts }) => Date.parse(first_ts))) };
  }

  /** For a consumer that has messages and delivers none; see `recreateConsumer`. */
  async recreateConsumer(stream: string, durable: string): Promise<void> {
    const consumer = consumerOf(this.#topology, stream, durable);
    await recreateConsumer(await this.#manager(), stream, consumer);
  }

  close(): void {
    this.#unobserve();
  }

  async #reconcile(): Promise<void> {
    const manager = await this.#manager();
    const changes =
      this.#keeps === 'everything'
        ? await reconcileTopology(manager, this.#topology, this.#accepted)
        : await createMissingStreams(manager, this.#topology);
    const news = changes.filter((change) => this.#isNews(change));
    if (news.length > 0) this.#observer.onReconciled(news);
  }

  #isNews({ what, change }: TopologyChange): boolean {
    if (change !== 'postponed') {
      this.#postponed.delete(what);
      return true;
    }
    const isNews = !this.#postponed.has(what);
    this.#postponed.add(what);
    return isNews;
  }

  #manager(): Promise<JetStreamManager> {
    return jetstreamManager(this.#link.connection, { checkAPI: false });
  }
}
