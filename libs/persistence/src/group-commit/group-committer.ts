import { StoreOverloadedError } from '../errors.js';

const MIB = 1024 ** 2;

/** One batch at a time and two milliseconds of linger: the best setting in the benchmark. */
export const DEFAULT_GROUP_COMMIT_SETTINGS: GroupCommitSettings = {
  batchesInFlightMax: 1,
  batchItemsMax: 256,
  /** A batch is one command, and that one document: 16 MiB at most, with room for what it adds. */
  batchBytesMax: 12 * MIB,
  queueItemsMax: 10_000,
  queueBytesMax: 128 * MIB,
  lingerMs: 2,
};

export interface GroupCommitSettings {
  /** Batches that are being written at the same time; from 1. */
  readonly batchesInFlightMax: number;
  readonly batchItemsMax: number;
  /** A batch is cut before it exceeds this; a single larger item still goes, alone. */
  readonly batchBytesMax: number;
  readonly queueItemsMax: number;
  readonly queueBytesMax: number;
  /** How long a batch waits for more items while there is load, in milliseconds; 0 for not at all. */
  readonly lingerMs: number;
}

/** The figures of one write, for metrics. */
export interface BatchFacts {
  readonly operation: string;
  readonly items: number;
  /** How long the batch's first item waited before the write began, in milliseconds. */
  readonly queueWaitMs: number;
  readonly writeMs: number;
}

export interface GroupCommitterOptions<Item, Result> {
  /** Its name in errors and metrics. */
  readonly operation: string;
  /** Writes a batch; the outcomes are in the order of the items. A rejection applies to every item. */
  readonly write: (items: readonly Item[]) => Promise<readonly PromiseSettledResult<Result>[]>;
  readonly bytesOf: (item: Item) => number;
  readonly settings: GroupCommitSettings;
  /**
   * Whether an error of an item rejects all that wait in the queue as well: a write of unknown outcome may still be made,
   * after those behind it. Absent where the order of the items does not count.
   */
  readonly rejectsQueue?: (reason: unknown) => boolean;
  readonly observe?: (batch: BatchFacts) => void;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly bytes: number;
  readonly since: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Groups the writes of concurrent callers to one write. The cost of a durable write is mostly the wait for the journal,
 * so a batch of 256 costs little more than a single item.
 *
 * 1. An item is in exactly one batch, and its promise settles with that batch.
 * 2. At most `batchesInFlightMax` batches are being written; the rest waits in the queue, whose
 *    items and bytes are bounded: beyond that `add` rejects at once.
 * 3. A single caller waits only for the end of the event-loop turn. A batch lingers for more items only if the
 *    batch before had several.
 * 4. There is at most one timer, however many items wait.
 */
export class GroupCommitter<Item, Result> {
  readonly #options: GroupCommitterOptions<Item, Result>;
  readonly #queue: Waiting<Item, Result>[] = [];
  #queuedBytes = 0;
  #batchesInFlight = 0;
  #lastBatchItems = 0;
  #cancelWake: (() => void) | undefined;

  constructor(options: GroupCommitterOptions<Item, Result>) {
    this.#options = options;
  }

  /**
   * Resolves when the item's batch is durable.
   * @throws StoreOverloadedError when the queue is full
   */
  add(item: Item): Promise<Result> {
    const { operation, settings, bytesOf } = this.#options;
    const bytes = bytesOf(item);
    const full =
      this.#queue.length >= settings.queueItemsMax ||
      this.#queuedBytes + bytes > settings.queueBytesMax;
    if (full) return Promise.reject(new StoreOverloadedError(operation));
    return new Promise((resolve, reject) => {
      this.#queue.push({ item, bytes, since: performance.now(), resolve, reject });
      this.#queuedBytes += bytes;
      this.#schedule();
    });
  }

  /** Sends what makes a full batch now, and arranges a wake-up for the rest. */
  #schedule(): void {
    const { batchesInFlightMax, lingerMs } = this.#options.settings;
    while (this.#batchesInFlight < batchesInFlightMax && this.#hasFullBatch()) this.#send();
    if (this.#batchesInFlight >= batchesInFlightMax || this.#queue.length === 0) return;
    if (this.#cancelWake !== undefined) return;
    this.#cancelWake =
      lingerMs > 0 && this.#lastBatchItems > 1
        ? cancelableTimeout(() => {
            this.#wake();
          }, lingerMs)
        : cancelableImmediate(() => {
            this.#wake();
          });
  }

  #wake(): void {
    this.#cancelWake = undefined;
    if (this.#queue.length > 0) this.#send();
    this.#schedule();
  }

  #hasFullBatch(): boolean {
    const { batchItemsMax, batchBytesMax } = this.#options.settings;
    return this.#queue.length >= batchItemsMax || this.#queuedBytes >= batchBytesMax;
  }

  #send(): void {
    this.#cancelWake?.();
    this.#cancelWake = undefined;
    const batch = this.#takeBatch();
    this.#batchesInFlight += 1;
    this.#lastBatchItems = batch.length;
    void this.#write(batch).finally(() => {
      this.#batchesInFlight -= 1;
      this.#schedule();
    });
  }

  #takeBatch(): Waiting<Item, Result>[] {
    const { batchItemsMax, batchBytesMax } = this.#options.settings;
    let bytes = 0;
    let items = 0;
    for (const waiting of this.#queue) {
      const fits = items < batchItemsMax && bytes + waiting.bytes <= batchBytesMax;
      if (items > 0 && !fits) break;
      items += 1;
      bytes += waiting.bytes;
    }
    this.#queuedBytes -= bytes;
    return this.#queue.splice(0, items);
  }

  async #write(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    const { operation, write, observe } = this.#options;
    const begunAt = performance.now();
    try {
      const outcomes = await write(batch.map(({ item }) => item));
      for (const [index, waiting] of batch.entries()) settle(waiting, outcomes[index], operation);
      this.#perhapsRejectQueue(outcomes);
    } catch (reason) {
      for (const { reject } of batch) reject(reason);
      this.#perhapsRejectQueue([{ status: 'rejected', reason }]);
    }
    observe?.({
      operation,
      items: batch.length,
      queueWaitMs: begunAt - (batch[0]?.since ?? begunAt),
      writeMs: performance.now() - begunAt,
    });
  }

  #perhapsRejectQueue(outcomes: readonly PromiseSettledResult<Result>[]): void {
    const { rejectsQueue } = this.#options;
    const cause = outcomes.filter(isRejected).find(({ reason }) => rejectsQueue?.(reason));
    if (cause === undefined) return;
    for (const { reject } of this.#queue.splice(0)) reject(cause.reason);
    this.#queuedBytes = 0;
  }
}

function isRejected(outcome: PromiseSettledResult<unknown>): outcome is PromiseRejectedResult {
  return outcome.status === 'rejected';
}

function settle<Item, Result>(
  waiting: Waiting<Item, Result>,
  outcome: PromiseSettledResult<Result> | undefined,
  operation: string,
): void {
  if (outcome?.status === 'fulfilled') waiting.resolve(outcome.value);
  else waiting.reject(outcome?.reason ?? new Error(`The ${operation} batch lost an outcome`));
}

function cancelableTimeout(callback: () => void, delayMs: number): () => void {
  const timer = setTimeout(callback, delayMs);
  return () => {
    clearTimeout(timer);
  };
}

function cancelableImmediate(callback: () => void): () => void {
  const immediate = setImmediate(callback);
  return () => {
    clearImmediate(immediate);
  };
}
