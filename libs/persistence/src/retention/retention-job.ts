import { DAY_MS, HOUR_MS } from '@app/workflow-engine';
import { type mongo } from 'mongoose';
import { setTimeout as sleep } from 'node:timers/promises';
import { sweepResults } from '../activities/beside/remove-results.js';
import { ACTIVITIES } from '../activities/stored/activity.schema.js';
import { type MongoLink } from '../connection/mongo-link.js';
import { DuePoller, type LookAgain } from '../due/due-poller.js';
import { StoreLease } from '../due/store-lease.js';
import { removeBatch } from './expired-activities.js';
import { OwnRetention } from './own-retention.js';
import { RETENTION_CLASSES, type RetentionClass } from './retention-classes.js';

export interface RetentionSettings {
  /** How many days an activity of each class is kept after its end, unless its workflow says otherwise; null for ever. */
  readonly days: Readonly<Record<RetentionClass, number | null>>;
  /** The pause between two passes, in milliseconds. */
  readonly intervalMs: number;
  /** Activities that are read, and removed, at once. */
  readonly batchItemsMax: number;
  /** The pause after each batch, of one workflow or many, in milliseconds; never less than the batch itself took. */
  readonly pauseMs: number;
}

/** The progress of the job, which is stored with its lease for the next pass or the next executor. */
interface Notes {
  /** When the pass that is under way began; this and its position are absent between two passes. */
  readonly now?: number;
  readonly class?: RetentionClass;
  readonly workflowId?: string;
  readonly isFull?: boolean;
  /** When the last complete pass began. */
  readonly passedAt?: number;
  /** When the last complete pass that read all spans in full began. */
  readonly fullAt?: number;
}

const LEASE_MS = 60_000;
/** A pass reads again what was created this long before the edge of the last one, because it may have ended after it. */
const OVERLAP_MS = HOUR_MS;

/**
 * Removes ended activities after their retention time, in small batches with pauses. It uses the indexes of
 * other queries, because an index of its own would cost a key with each run. One executor at a time does
 * this, by a lease; the next one continues where the last one stopped.
 *
 * A pass visits every workflow. Of succeeded activities it reads only those created since the edge of the last
 * pass. Once a day it reads all that are older, to find those that ended late.
 */
export class RetentionJob {
  readonly #lease: StoreLease;
  readonly #poller: DuePoller;
  readonly #stopping = new AbortController();
  /** What was done since the last pause, in whichever workflow: each of many may have less than a batch. */
  #work = { items: 0, ms: 0 };

  constructor(
    private readonly link: MongoLink,
    owner: string,
    private readonly settings: RetentionSettings,
    private readonly removed: (of: RetentionClass, activities: number) => void,
    failed: (error: unknown) => void,
  ) {
    this.#lease = new StoreLease('retention', owner, LEASE_MS);
    const look = async (): Promise<LookAgain> => {
      if (link.available) await this.pass();
      return 'after-pause';
    };
    this.#poller = new DuePoller(look, { pauseMs: settings.intervalMs, onTrouble: failed });
  }

  start(): void {
    this.#poller.start();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#poller.stop();
  }

  /** Makes one pass, or finishes an interrupted one. `not-mine` means that another executor has the lease. */
  async pass(): Promise<'done' | 'not-mine' | 'stopped'> {
    const notes = await this.link.run('take the lease of retention', (db) => this.#lease.take(db));
    if (notes === undefined) return 'not-mine';
    const pass = this.#passOf(notes);
    const end = await this.#remove(pass);
    if (end === 'done' && pass.isFull) await this.#sweepResults(pass);
    const after = end === 'done' ? edgeOf(pass) : undefined;
    if (end !== 'not-mine') {
      await this.link.run('give up the lease of retention', (db) => this.#lease.giveUp(db, after));
    }
    return end;
  }

  #passOf(notes: Notes): Pass {
    const now = notes.now ?? this.link.clock.now();
    const { fullAt = 0, passedAt = 0 } = notes;
    const isFull = notes.isFull ?? fullAt + DAY_MS <= now;
    return { ...notes, now, fullAt, passedAt, isFull };
  }

  async #remove(pass: Pass): Promise<'done' | 'not-mine' | 'stopped'> {
    const workflowIds = await this.#workflowIds();
    const begun = RETENTION_CLASSES.indexOf(pass.class ?? 'succeeded');
    const own = new OwnRetention(this.link, workflowIds);
    for (const of of RETENTION_CLASSES.slice(begun)) {
      const days = this.settings.days[of];
      const after = of === pass.class ? (pass.workflowId ?? '') : '';
      for (const [at, workflowId] of workflowIds.entries()) {
        if (workflowId < after) continue;
        const isMine = await this.#keepLease({ ...pass, class: of, workflowId });
        if (!isMine) return 'not-mine';
        const { [of]: keptMs = days === null ? null : days * DAY_MS } = await own.of(at);
        const isDone =
          keptMs === null
            ? !this.#stopping.signal.aborted
            : await this.#removeSpan(
                of,
                { workflowId, ...spanOf(of, pass, keptMs) },
                { ...pass, class: of, workflowId },
              );
        if (!isDone) return this.#stopping.signal.aborted ? 'stopped' : 'not-mine';
      }
    }
    return 'done';
  }

  /** False when the job was stopped or lost its lease. */
  async #removeSpan(of: RetentionClass, span: SpanOf, notes: Pass): Promise<boolean> {
    const { batchItemsMax, pauseMs } = this.settings;
    let place: Awaited<ReturnType<typeof removeBatch>>['next'];
    while (!this.#stopping.signal.aborted) {
      const begun = performance.now();
      const batch = await this.link.run('remove what has expired', (db) =>
        removeBatch(db, of, span, batchItemsMax, place),
      );
      if (batch.removed > 0) this.removed(of, batch.removed);
      place = batch.next;
      this.#work.items += batch.read;
      this.#work.ms += performance.now() - begun;
      const isPauseDue = this.#work.items >= batchItemsMax || this.#work.ms >= pauseMs;
      if (isPauseDue && !(await this.#rest(notes))) return false;
      if (!place) return true;
    }
    return false;
  }

  /** Pauses for as long as the work since the last pause took, or longer. False when the job was stopped or lost its lease. */
  async #rest(notes: Pass): Promise<boolean> {
    const { signal } = this.#stopping;
    const restMs = Math.max(this.settings.pauseMs, this.#work.ms);
    this.#work = { items: 0, ms: 0 };
    await sleep(restMs, undefined, { signal, ref: false }).catch(() => undefined);
    return !signal.aborted && (await this.#keepLease(notes));
  }

  /** Removes results whose activity is gone, once a day. An interrupted sweep begins anew the next day. */
  async #sweepResults(notes: Pass): Promise<void> {
    let place: string | undefined;
    do {
      const begun = performance.now();
      const { next } = await this.link.run('remove results that nothing refers to', (db) =>
        sweepResults(db, this.settings.batchItemsMax, place),
      );
      place = next;
      this.#work.ms += performance.now() - begun;
    } while (place !== undefined && (await this.#rest(notes)));
  }

  #renewedAt = 0;

  /** Renews the lease at most once a second, so that workflows with nothing to remove cost no write each. */
  async #keepLease(notes: Pass): Promise<boolean> {
    if (performance.now() - this.#renewedAt < 1_000) return true;
    this.#renewedAt = performance.now();
    return this.link.run('keep the lease of retention', (db) => this.#lease.renew(db, notes));
  }

  /** Costs one key of an index for each workflow. */
  async #workflowIds(): Promise<readonly string[]> {
    const ids = await this.link.run('list workflows with activities', (db) =>
      db.collection(ACTIVITIES).distinct('workflowId'),
    );
    return (ids as string[]).toSorted();
  }
}

type Pass = Notes & Required<Pick<Notes, 'now' | 'isFull' | 'passedAt' | 'fullAt'>>;
type SpanOf = Parameters<typeof removeBatch>[2];

function spanOf(
  of: RetentionClass,
  { now, isFull, passedAt }: Pass,
  keptMs: number,
): Omit<SpanOf, 'workflowId'> {
  const from = of === 'succeeded' && !isFull ? Math.max(0, passedAt - keptMs - OVERLAP_MS) : 0;
  return { from, before: now - keptMs, now };
}

function edgeOf({ now, isFull, fullAt }: Pass): mongo.Document {
  return { passedAt: now, fullAt: isFull ? now : fullAt };
}
