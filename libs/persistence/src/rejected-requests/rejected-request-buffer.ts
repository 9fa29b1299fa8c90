import { BoundedMap } from '../storage/bounded-map.js';
import { PacedWork } from '../storage/paced-work.js';
import {
  dayOf,
  groupOf,
  mergeGroups,
  type RejectedRequestGroup,
} from './rejected-request-batch.js';
import { RejectedRequestStore, type RejectedRequest } from './rejected-request-store.js';

export interface RejectedRequestBufferSettings {
  /** How long rejected requests that only raise a count are held back, in milliseconds. */
  readonly flushMs: number;
  /** Groups that may wait to be written; what comes beyond is only counted. */
  readonly groupsMax: number;
}

export const DEFAULT_REJECTED_REQUEST_BUFFER_SETTINGS: RejectedRequestBufferSettings = {
  flushMs: 1_000,
  groupsMax: 1_000,
};

/**
 * Rejected requests on their way to the database. The first of a group is written at the end of the
 * event-loop turn, later ones together after `flushMs`: at most one write at a time, one timer,
 * and `groupsMax` groups in memory, however many requests are rejected. What can't be written stays and
 * is tried again with the next flush.
 */
export abstract class RejectedRequestBuffer extends RejectedRequestStore {
  #waiting = new Map<string, RejectedRequestGroup>();
  /** Groups whose first rejected request is on its way or written; forgotten when there are too many. */
  readonly #begun = new Set<string>();
  /** Rejected requests of today by workflow, trigger and code; of one that is forgotten it begins anew. */
  readonly #countedToday: BoundedMap<{ readonly day: number; readonly count: number }>;
  readonly #writes = new PacedWork(() => this.#writeWaiting());
  #dropped = 0;

  constructor(
    private readonly settings: RejectedRequestBufferSettings = DEFAULT_REJECTED_REQUEST_BUFFER_SETTINGS,
  ) {
    super();
    this.#countedToday = new BoundedMap(settings.groupsMax);
  }

  /** Rejected requests that were neither written nor kept since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Adds the groups to what is stored. May reject; then nothing is taken as written. */
  protected abstract write(groups: readonly RejectedRequestGroup[]): Promise<void>;

  override add(request: RejectedRequest): void {
    const group = groupOf(request, this.#countedWith(request));
    this.#keep(group);
    if (this.#begun.has(group.id)) {
      this.#writes.within(this.settings.flushMs);
      return;
    }
    if (this.#begun.size >= this.settings.groupsMax) this.#begun.clear();
    this.#begun.add(group.id);
    this.#writes.within(0);
  }

  override flush(): Promise<void> {
    return this.#writes.now();
  }

  #countedWith({ workflowId, trigger, code, at }: RejectedRequest): number {
    const key = JSON.stringify([workflowId, trigger, code]);
    const day = dayOf(at);
    const known = this.#countedToday.get(key);
    const count = known?.day === day ? known.count + 1 : 1;
    this.#countedToday.set(key, { day, count });
    return count;
  }

  #keep(group: RejectedRequestGroup): void {
    const known = this.#waiting.get(group.id);
    if (!known && this.#waiting.size >= this.settings.groupsMax) this.#dropped += group.count;
    else this.#waiting.set(group.id, known ? mergeGroups(known, group) : group);
  }

  async #writeWaiting(): Promise<void> {
    if (this.#waiting.size === 0) return;
    const groups = [...this.#waiting.values()];
    this.#waiting = new Map();
    try {
      await this.write(groups);
    } catch {
      for (const group of groups) this.#keep(group);
      this.#writes.within(this.settings.flushMs);
    }
  }
}
