import { type ConsumerInfo, jetstreamManager } from '@nats-io/jetstream';
import { type NatsLink } from '../link/nats-link.js';
import { EXECUTOR_CONSUMER } from '../topology/flow-topology.js';
import { batchesStream } from '../topology/names.js';

/** How long an answer of the server counts before it is asked again, in milliseconds. */
const ASK_EVERY_MS = 5_000;
/** How long it counts at most, if the next answer does not come. */
const COUNTS_MS_MAX = 10_000;
/** An executor that got messages this recently will take more, even if it has no room now; in milliseconds. */
const ACTIVE_MS_MAX = 5_000;

/** The pause after the server has refused such messages, in milliseconds; rights change seldom. */
const FORBIDDEN_MS = 5 * 60_000;

/**
 * Whether an executor takes batches. Executors of the release before do not, and the activities of a batch without a
 * reader would wait for the sweeper. The server is asked only when there is something to send; until it has answered,
 * no batch is sent.
 */
export class BatchReaders {
  #asking = false;
  #askedAt = -Infinity;
  /** When it was last known that an executor takes them. */
  #takenAt = -Infinity;
  #forbiddenUntil = -Infinity;

  constructor(
    private readonly link: NatsLink,
    private readonly namespace: string,
  ) {}

  get areThere(): boolean {
    const now = performance.now();
    if (now < this.#forbiddenUntil) return false;
    if (!this.#asking && now - this.#askedAt >= ASK_EVERY_MS) void this.#ask();
    return now - this.#takenAt < COUNTS_MS_MAX;
  }

  /** The server has no stream of batches, or no room in it. */
  refused(): void {
    this.#takenAt = -Infinity;
  }

  /** The server refuses batches from us. */
  forbidden(): void {
    this.#forbiddenUntil = performance.now() + FORBIDDEN_MS;
  }

  async #ask(): Promise<void> {
    this.#asking = true;
    const askedAt = performance.now();
    this.#askedAt = askedAt;
    try {
      const { consumers } = await jetstreamManager(this.link.connection, { checkAPI: false });
      const info = await consumers.info(batchesStream(this.namespace), EXECUTOR_CONSUMER);
      this.#takenAt = isTaken(info) ? askedAt : -Infinity;
    } catch {
      // The server has no such consumer, or is gone: the last answer counts for its time.
    }
    this.#asking = false;
  }
}

/** By the server's own clock. */
function isTaken({ num_waiting, delivered, ts }: ConsumerInfo): boolean {
  if (num_waiting > 0) return true;
  // The client library's type is another.
  const last: unknown = delivered.last_active;
  if (typeof last !== 'string' || ts === undefined) return false;
  return Date.parse(ts) - Date.parse(last) < ACTIVE_MS_MAX;
}
