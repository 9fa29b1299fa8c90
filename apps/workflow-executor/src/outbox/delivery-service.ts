import { Episode, type FlowMetrics, type Log } from '@app/observability';
import { ofDelivery, type OutboxEntry } from '@app/workflow-engine';
import {
  type DeliveryOutcome,
  type EntryOrigin,
  type OutboxDeliveries,
} from './outbox-delivery.js';

/** Bounds how many deliveries of one executor are in flight. */
export interface DeliveryPermits {
  acquire(): Promise<void>;
  release(): void;
}

export interface DeliverySettings {
  /** The longest duration of one delivery, in milliseconds. After it the outcome is `again`. */
  readonly attemptMsMax: number;
  /** The longest pause between two attempts for one entry, in milliseconds. */
  readonly retryMsMax: number;
}

const DEFAULT_DELIVERY_SETTINGS: DeliverySettings = {
  attemptMsMax: 10_000,
  retryMsMax: 300_000,
};

/** The shortest pause between two attempts, in milliseconds and before jitter. */
const RETRY_MS_MIN = 1_000;

/** Why a delivery is aborted that takes longer than one attempt may. */
const LATE = 'late';

/** A delivery service without deliveries: the outcome of each entry is `again`. */
export const NO_DELIVERIES: Pick<DeliveryService, 'canDeliver' | 'deliver' | 'retryAt'> = {
  canDeliver: () => false,
  deliver: ({ kind }) => Promise.resolve(again(noDeliveryFor(kind))),
  retryAt: (_, now) => now + DEFAULT_DELIVERY_SETTINGS.retryMsMax,
};

/** Delivers outbox entries by their kind, within bounds that all activities of this executor share. */
export class DeliveryService {
  readonly #again: Episode;

  constructor(
    private readonly deliveries: OutboxDeliveries,
    private readonly permits: DeliveryPermits,
    private readonly metrics: FlowMetrics,
    private readonly log: Log,
    private readonly settings = DEFAULT_DELIVERY_SETTINGS,
  ) {
    this.#again = new Episode(log, {
      began: 'An outbox entry could not be delivered; it will be tried again',
      ended: 'Outbox entries could not be delivered',
      quietMs: 30_000,
    });
  }

  /** The features for all kinds of entries that this executor has deliveries for, available or not. */
  get features(): readonly string[] {
    return [...this.deliveries.keys()].map(ofDelivery);
  }

  /** The features for the kinds of entries whose deliveries are available now. */
  get featuresNow(): readonly string[] {
    return [...this.deliveries.keys()].filter((kind) => this.canDeliver(kind)).map(ofDelivery);
  }

  /** Whether this executor has a delivery for the kind, and the delivery is available now. */
  canDeliver(kind: string): boolean {
    return this.deliveries.get(kind)?.available ?? false;
  }

  /**
   * Waits for a permit and makes one attempt. Never rejects: an exception and a timeout are `again`. A refusal is
   * logged. Each outcome is counted, unless the caller aborts the delivery.
   * @param abort of this delivery alone; it is aborted as well when the attempt takes too long
   * @param isCancelled whether a later entry cancels this request
   */
  async deliver(
    entry: OutboxEntry,
    origin: EntryOrigin,
    abort: AbortController,
    isCancelled = false,
  ): Promise<DeliveryOutcome> {
    const { id: entryId, kind } = entry;
    const { signal } = abort;
    await this.permits.acquire();
    const outcome = signal.aborted
      ? again('stopped')
      : await this.#attempt(entry, origin, abort, isCancelled);
    this.permits.release();
    if (signal.aborted && signal.reason !== LATE) return outcome;
    this.metrics.outboxAttempted(outcome.kind);
    const fields = { activityId: origin.id, workflowId: origin.workflowId, entryId, kind };
    if (outcome.kind === 'again') {
      this.#again.occurred(() => ({ ...fields, reason: outcome.reason }));
    } else if (outcome.kind === 'refused') {
      const { code, message } = outcome;
      this.log.warn(
        { ...fields, code },
        `An outbox entry was refused and will not be tried again: ${message}`,
      );
    }
    return outcome;
  }

  /**
   * When an undelivered entry is tried again, in milliseconds since 1970. The pause is derived from the age of the
   * entry, so the record needs no count of attempts. Jitter spreads the entries of one outage over time.
   */
  retryAt({ createdAt }: OutboxEntry, now: number): number {
    const pauseMs = Math.min(Math.max(now - createdAt, RETRY_MS_MIN), this.settings.retryMsMax);
    return now + Math.ceil(pauseMs * (0.5 + Math.random() / 2));
  }

  async #attempt(
    entry: OutboxEntry,
    origin: EntryOrigin,
    abort: AbortController,
    isCancelled: boolean,
  ): Promise<DeliveryOutcome> {
    const delivery = this.deliveries.get(entry.kind);
    if (delivery === undefined) return again(noDeliveryFor(entry.kind));
    const { attemptMsMax } = this.settings;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<DeliveryOutcome>((resolve) => {
      timer = setTimeout(() => {
        abort.abort(LATE);
        resolve(again(`No answer within ${attemptMsMax} ms`));
      }, attemptMsMax);
    });
    try {
      const delivered = delivery.deliver(entry, origin, abort.signal, isCancelled);
      return await Promise.race([delivered, late]);
    } catch (error) {
      return again(String(error));
    } finally {
      clearTimeout(timer);
    }
  }
}

function noDeliveryFor(kind: string): string {
  return `This executor has no delivery for entries of kind "${kind}"`;
}

function again(reason: string): DeliveryOutcome {
  return { kind: 'again', reason };
}
