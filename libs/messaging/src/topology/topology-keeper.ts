import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { type NatsLink } from '../link/nats-link.js';
import { reconcileTopology, type TopologyChange } from './reconcile-topology.js';
import { recreateConsumer } from './recreate-consumer.js';
import { consumerOf, type Topology } from './topology.js';

export interface TopologyObserver {
  /** Streams or consumers were created or updated. */
  onReconciled(changes: readonly TopologyChange[]): void;
  /** A reconciliation that nobody waits for failed; it is tried again when something is missed. */
  onFailed(error: unknown): void;
}

/**
 * Keeps JetStream as declared: at each connection, and whenever somebody finds something missing
 * (JetStream's directory was wiped, an operator deleted a stream).
 */
export class TopologyKeeper {
  readonly #link: NatsLink;
  readonly #topology: Topology;
  readonly #observer: TopologyObserver;
  readonly #unobserve: () => void;
  #running: Promise<void> | undefined;

  constructor(link: NatsLink, topology: Topology, observer: TopologyObserver) {
    this.#link = link;
    this.#topology = topology;
    this.#observer = observer;
    this.#unobserve = link.onChange(({ available }) => {
      if (available) this.reconcileInBackground();
    });
    if (link.available) this.reconcileInBackground();
  }

  /**
   * One at a time: who asks during a reconciliation waits for that one.
   * @throws TopologyMismatchError, or what NATS says while it is not there
   */
  reconcile(): Promise<void> {
    this.#running ??= this.#reconcile().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Failures go to the observer. */
  reconcileInBackground(): void {
    this.reconcile().catch((error: unknown) => {
      this.#observer.onFailed(error);
    });
  }

  /**
   * How many messages the consumer could deliver now: none, when as many as may be in hands at once
   * are in hands.
   */
  async messagesWaiting(stream: string, durable: string): Promise<number> {
    const { consumers } = await this.#manager();
    const info = await consumers.info(stream, durable);
    const inHandsMax = info.config.max_ack_pending ?? Infinity;
    return info.num_ack_pending < inHandsMax ? info.num_pending : 0;
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
    const changes = await reconcileTopology(await this.#manager(), this.#topology);
    if (changes.length > 0) this.#observer.onReconciled(changes);
  }

  #manager(): Promise<JetStreamManager> {
    return jetstreamManager(this.#link.connection, { checkAPI: false });
  }
}
