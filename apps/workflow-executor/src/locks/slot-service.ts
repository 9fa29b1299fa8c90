import {
  type ActivityStore,
  isHolder,
  type LockHolder,
  type LockRejection,
  type LockRequest,
  type LockStore,
} from '@app/persistence';
import { FAILURE_CODES, isFinal, type Signal, type SlotEntry } from '@app/workflow-engine';
import { type Asked, LOOK_SOON_MS, LockService } from './lock-service.js';
import { QueueRoom } from './queue-room.js';

/** The largest number of requests in one read. */
const PAGE = 100;

/**
 * Grants slots to runs, and ends the runs that are to get none. The request of such a run is marked first, so that it
 * is granted no slot. Then the run gets a cancel signal, and then its request is removed. After a crash the next pass
 * continues from the mark.
 */
export class SlotService extends LockService {
  readonly #room: QueueRoom;

  constructor(
    slots: LockStore,
    activities: ActivityStore,
    clock: () => number,
    onTrouble: (error: unknown) => void,
    /** The largest number of runs that wait for one key. */
    private readonly queueMax: number,
  ) {
    super(slots, activities, clock, onTrouble, slotGranted);
    this.#room = new QueueRoom(queueMax);
  }

  override async ask(activity: string, entry: SlotEntry, askedAt: number): Promise<void> {
    await super.ask(activity, entry, askedAt);
    const { lock, limit, whenFull, debounceMs } = entry;
    const by = { activity, lock };
    if (whenFull === 'cancel-running') await this.#endOlder(by, limit);
    if (whenFull === 'replace-waiting' || debounceMs !== undefined) await this.#keepNewest(by);
    if (whenFull === 'join-waiting') await this.#keepOldest(lock);
    if (whenFull === 'cancel-new') await this.#reject({ ...entry, activity, askedAt }, FULL);
    // The other policies keep no more waiting runs than there are slots.
    const mayQueue = (whenFull === undefined || whenFull === 'queue') && debounceMs === undefined;
    if (mayQueue) await this.#bound({ ...entry, activity, askedAt });
  }

  /** A slot with a least interval between grants stays taken for the rest of that interval. */
  override async release(activity: string, entry: SlotEntry): Promise<void> {
    const { lock, task, attempt, throttleMs } = entry;
    if (throttleMs === undefined) {
      await super.release(activity, entry);
      return;
    }
    await this.locks.keepBack({ lock, activity, task, attempt }, throttleMs, this.clock());
    await this.serve(lock);
  }

  protected override termsOf({
    limit,
    debounceMs,
    throttleMs,
    askedAt,
  }: SlotEntry & Asked): Pick<LockRequest, 'limit' | 'throttleMs' | 'notBefore'> {
    return {
      limit,
      ...(throttleMs !== undefined && { throttleMs }),
      ...(debounceMs !== undefined && { notBefore: askedAt + debounceMs }),
    };
  }

  /** The slot of a run that ended without a release stays taken for the rest of the interval as well. */
  protected override async takeBack(holder: LockHolder): Promise<void> {
    if (holder.throttleMs === undefined) await super.takeBack(holder);
    else await this.locks.keepBack(holder, holder.throttleMs, this.clock());
  }

  protected override async lookAtWaiting(
    found: LockRequest,
    now: number,
    queues: Set<string>,
  ): Promise<void> {
    if (found.rejection) await this.#endRejected(found, found.rejection);
    else await super.lookAtWaiting(found, now, queues);
  }

  /**
   * Ends the run if too many requests are before it in the queue. The place in the queue counts, so the order in which
   * the requests of a burst are delivered does not matter.
   */
  async #bound(one: LockRequest): Promise<void> {
    if (this.#room.take(one.lock, this.clock())) return;
    const before = await this.locks.countWaitingBefore(one, this.queueMax);
    this.#room.counted(one.lock, before, this.clock());
    if (before >= this.queueMax) await this.#reject(one, queueFull(this.queueMax));
  }

  /** Ends all runs of the key, running and waiting, except the newest `limit`. */
  async #endOlder(by: Pick<LockRequest, 'activity' | 'lock'>, limit: number): Promise<void> {
    let skip = limit;
    for (;;) {
      const older = await this.locks.newest(by.lock, { skip, limit: PAGE, waiting: false });
      for (const one of older) {
        const why = replacedBy(by.activity, one);
        if (!isHolder(one)) await this.#reject(one, why);
        else await this.#end(one, why);
        if (isHolder(one)) skip += 1;
      }
      if (older.length < PAGE) return;
    }
  }

  /** Ends all runs that wait for the key, except the newest. */
  async #keepNewest(by: Pick<LockRequest, 'activity' | 'lock'>): Promise<void> {
    const page = { skip: 1, limit: PAGE, waiting: true };
    for (;;) {
      const older = await this.locks.newest(by.lock, page);
      for (const one of older) await this.#reject(one, replacedBy(by.activity, one));
      if (older.length < PAGE) return;
    }
  }

  /** Ends all runs that wait for the key, except the oldest. */
  async #keepOldest(lock: string): Promise<void> {
    for (;;) {
      const waiting = await this.locks.newest(lock, { skip: 0, limit: PAGE, waiting: true });
      const oldest = waiting.at(-1);
      if (oldest === undefined) return;
      // No run is ended in favour of one that ended while it waited.
      if (await this.#isOver(oldest)) {
        await this.locks.withdraw(oldest);
        continue;
      }
      for (const one of waiting.slice(0, -1)) await this.#reject(one, joined(oldest.activity));
      if (waiting.length < PAGE) return;
    }
  }

  async #isOver({ activity }: LockRequest): Promise<boolean> {
    const status = await this.activities.statusOf(activity);
    return status === undefined || isFinal(status);
  }

  /** Ends the run, unless it has been granted a slot meanwhile. */
  async #reject(one: LockRequest, why: LockRejection): Promise<void> {
    if (await this.locks.reject(one, why, this.clock() + LOOK_SOON_MS))
      await this.#endRejected(one, why);
  }

  async #endRejected(one: LockRequest, why: LockRejection): Promise<void> {
    await this.#end(one, why);
    await this.locks.withdraw(one);
  }

  async #end({ activity, lock }: LockRequest, { code, reason }: LockRejection): Promise<void> {
    const id = `slot:${code}:${lock}`;
    await this.activities.signal(activity, { id, kind: 'cancel', at: this.clock(), reason, code });
    this.noticed(activity);
  }
}

const FULL: LockRejection = {
  code: FAILURE_CODES.CONCURRENCY_FULL,
  reason: 'No slot was free, and its workflow does not let a run wait for one',
};

function queueFull(max: number): LockRejection {
  const reason = `${max} runs of the same key wait for a slot already, as many as may wait (CONCURRENCY_QUEUE_MAX)`;
  return { code: FAILURE_CODES.CONCURRENCY_FULL, reason };
}

function replacedBy(activity: string, { activity: replaced }: LockRequest): LockRejection {
  const by = activity === replaced ? '' : `: ${activity}`;
  const reason = `A later run of the same key took its place${by}`;
  return { code: FAILURE_CODES.CONCURRENCY_REPLACED, reason };
}

function joined(activity: string): LockRejection {
  const reason = `Another run of the same key already waits, so this run did not begin: ${activity}`;
  return { code: FAILURE_CODES.CONCURRENCY_JOINED, reason };
}

function slotGranted({ lock }: LockHolder, at: number): Signal {
  return { id: `slot:${lock}`, kind: 'slot-granted', at, slot: lock };
}
