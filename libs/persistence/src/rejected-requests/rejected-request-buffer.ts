import { BoundedMap } from '@app/collections';
import { PacedWork } from '../storage/paced-work.js';
import {
  dayOf,
  groupOf,
  mergeGroups,
  type RejectedRequestGroup,
} from './rejected-request-batch.js';
import { RejectedRequestStore, type RejectedRequest } from './rejected-request-store.js';

export interface RejectedRequestBufferSettings {
  /** The delay before further requests of a group are written, in milliseconds. They only increase its count. */
  readonly flushMs: number;
  /** Groups in memory that wait to be written. Requests of further groups are dropped and counted in `dropped`. */
  readonly groupsMax: number;
}

export const DEFAULT_REJECTED_REQUEST_BUFFER_SETTINGS: RejectedRequestBufferSettings = {
  flushMs: 1_000,
  groupsMax: 1_000,
};

/**
 * Rejected requests that wait to be written. The first of a group is written at the end of the
 * event-loop turn, later ones together after `flushMs`. There is at most one write at a time and one timer,
 * and at most `groupsMax` groups are in memory, however many requests are rejected. Groups whose write failed
 * are written with the next flush.
 */
export abstract class RejectedRequestBuffer extends RejectedRequestStore {
  #waiting = new Map<string, RejectedRequestGroup>();
  /** The ids of groups whose first request was written or is about to be; cleared at `groupsMax`. */
  readonly #begun = new Set<string>();
  /** Counts of today by workflow, trigger and code. A count that the map has dropped begins again at 1. */
  readonly #countedToday: BoundedMap<{ readonly day: number; readonly count: number }>;
  readonly #writes = new PacedWork(() => this.#writeWaiting());
  #dropped = 0;

  constructor(
    private readonly settings: RejectedRequestBufferSettings = DEFAULT_REJECTED_REQUEST_BUFFER_SETTINGS,
  ) {
    super();
    this.#countedToday = new BoundedMap(settings.groupsMax);
  }

  /** The number of requests since the start of the process that were dropped unwritten. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Adds the groups to the stored ones. If it rejects, all of them are written again later. */
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
