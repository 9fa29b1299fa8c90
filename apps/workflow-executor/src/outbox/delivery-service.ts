import { Episode, type FlowMetrics, type Log } from '@app/observability';
import { ofDelivery, type OutboxEntry } from '@app/workflow-engine';
import {
  type DeliveryOutcome,
  type EntryOrigin,
  type OutboxDeliveries,
} from './outbox-delivery.js';

/** Bound how many deliveries of an executor are under way. */
export interface DeliveryPermits {
  acquire(): Promise<void>;
  release(): void;
}

export interface DeliverySettings {
  /** A delivery that takes longer, in milliseconds, counts as not answered. */
  readonly attemptMsMax: number;
  /** The longest pause between two attempts, in milliseconds. */
  readonly retryMsMax: number;
}

const DEFAULT_DELIVERY_SETTINGS: DeliverySettings = {
  attemptMsMax: 10_000,
  retryMsMax: 300_000,
};

const RETRY_MS_MIN = 1_000;

/** The outcome of entries that this executor has no delivery for. */
export const NO_DELIVERIES: Pick<DeliveryService, 'canDeliver' | 'deliver' | 'retryAt'> = {
  canDeliver: () => false,
  deliver: ({ kind }) => Promise.resolve(again(`Nobody here delivers "${kind}"`)),
  retryAt: (_, now) => now + DEFAULT_DELIVERY_SETTINGS.retryMsMax,
};

/** Delivers entries by their kind, within bounds that all activities of this executor share. */
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
      began: 'What a run has to tell is not taken now; it is tried again later',
      ended: 'What runs had to tell was not taken',
      quietMs: 30_000,
    });
  }

  /** The kinds that this executor has deliveries for, whether or not these would succeed now. */
  get features(): readonly string[] {
    return [...this.deliveries.keys()].map(ofDelivery);
  }

  /** Those of them whose deliveries may succeed now. */
  get featuresNow(): readonly string[] {
    return [...this.deliveries.keys()].filter((kind) => this.canDeliver(kind)).map(ofDelivery);
  }

  canDeliver(kind: string): boolean {
    return this.deliveries.get(kind)?.available ?? false;
  }

  /** Never rejects. A refusal for good is logged and counted here. */
  async deliver(
    entry: OutboxEntry,
    origin: EntryOrigin,
    abort: AbortSignal,
    isTakenBack = false,
  ): Promise<DeliveryOutcome> {
    const { id: entryId, kind } = entry;
    await this.permits.acquire();
    const outcome = abort.aborted
      ? again('stopped')
      : await this.#attempt(entry, origin, abort, isTakenBack);
    this.permits.release();
    if (abort.aborted) return outcome;
    this.metrics.outboxAttempted(outcome.kind);
    const fields = { activityId: origin.id, workflowId: origin.workflowId, entryId, kind };
    if (outcome.kind === 'again') {
      this.#again.occurred(() => ({ ...fields, reason: outcome.reason }));
    } else if (outcome.kind === 'refused') {
      const { code, message } = outcome;
      this.log.warn({ ...fields, code }, `What a run has to tell is refused: ${message}`);
    }
    return outcome;
  }

  /**
   * When an entry that was not delivered is tried again. The pause grows with the age of the entry, so that no
   * attempt is counted on record. It has jitter, so that entries of one outage are spread.
   */
  retryAt({ createdAt }: OutboxEntry, now: number): number {
    const pauseMs = Math.min(Math.max(now - createdAt, RETRY_MS_MIN), this.settings.retryMsMax);
    return now + Math.ceil(pauseMs * (0.5 + Math.random() / 2));
  }

  async #attempt(
    entry: OutboxEntry,
    origin: EntryOrigin,
    abort: AbortSignal,
    isTakenBack: boolean,
  ): Promise<DeliveryOutcome> {
    const delivery = this.deliveries.get(entry.kind);
    if (delivery === undefined) return again(`Nobody here delivers "${entry.kind}"`);
    const { attemptMsMax } = this.settings;
    let timer: NodeJS.Timeout | undefined;
    const limit = new AbortController();
    const late = new Promise<DeliveryOutcome>((resolve) => {
      timer = setTimeout(() => {
        limit.abort();
        resolve(again(`No answer within ${attemptMsMax} ms`));
      }, attemptMsMax);
    });
    try {
      const either = AbortSignal.any([abort, limit.signal]);
      return await Promise.race([delivery.deliver(entry, origin, either, isTakenBack), late]);
    } catch (error) {
      return again(String(error));
    } finally {
      clearTimeout(timer);
    }
  }
}

function again(reason: string): DeliveryOutcome {
  return { kind: 'again', reason };
}
