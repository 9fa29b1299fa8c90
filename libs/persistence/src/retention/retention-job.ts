import { type mongo } from 'mongoose';
import { setTimeout as sleep } from 'node:timers/promises';
import { sweepResults } from '../activities/beside/remove-results.js';
import { ACTIVITIES } from '../activities/stored/activity.schema.js';
import { type MongoLink } from '../connection/mongo-link.js';
import { DuePoller, type LookAgain } from '../due/due-poller.js';
import { StoreLease } from '../due/store-lease.js';
import { removeBatch, RETENTION_CLASSES, type RetentionClass } from './expired-activities.js';

export interface RetentionSettings {
  /** For how long each class is kept after its end, in days; null: for ever. */
  readonly days: Readonly<Record<RetentionClass, number | null>>;
  /** The pause between two passes, in milliseconds. */
  readonly intervalMs: number;
  /** Read, and removed, at once. */
  readonly batchItemsMax: number;
  /** The pause after each batch, in milliseconds; never less than the batch itself took. */
  readonly pauseMs: number;
}

/** What has to be known from one pass, or one process, to the next. */
interface Notes {
  /** The pass that is under way, and how far it is; absent between two passes. */
  readonly now?: number;
  readonly class?: RetentionClass;
  readonly workflowId?: string;
  readonly isFull?: boolean;
  /** When the last pass began, and the last that looked at everything. */
  readonly passedAt?: number;
  readonly fullAt?: number;
}

const DAY_MS = 86_400_000;
const LEASE_MS = 60_000;
/** What came just before a pass's edge may have ended just behind it. */
const OVERLAP_MS = 60 * 60_000;

/**
 * Removes ended activities when their time is over, in small batches with pauses and along the
 * indexes that are there anyway: one of its own would cost a key with each run. One executor at a
 * time does so, by lease, and whoever has it next goes on where the last one was.
 *
 * A pass looks at each workflow. Of what succeeded it reads only what came since the last pass's
 * edge; once a day it reads all that is older, for what ended late.
 */
export class RetentionJob {
  readonly #lease: StoreLease;
  readonly #poller: DuePoller;
  readonly #stopping = new AbortController();

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

  /** One pass, or the rest of one that was broken off, if it is nobody else's. */
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
    for (const of of RETENTION_CLASSES.slice(begun)) {
      const days = this.settings.days[of];
      if (days === null) continue;
      const after = of === pass.class ? (pass.workflowId ?? '') : '';
      for (const workflowId of workflowIds.filter((id) => id >= after)) {
        const isMine = await this.#keepLease({ ...pass, class: of, workflowId });
        if (!isMine) return 'not-mine';
        const span = { workflowId, ...spanOf(of, pass, days * DAY_MS) };
        if (!(await this.#removeSpan(of, span, { ...pass, class: of, workflowId }))) {
          return this.#stopping.signal.aborted ? 'stopped' : 'not-mine';
        }
      }
    }
    return 'done';
  }

  /** False when it had to break off. */
  async #removeSpan(of: RetentionClass, span: SpanOf, notes: Pass): Promise<boolean> {
    let place: Awaited<ReturnType<typeof removeBatch>>['next'];
    while (!this.#stopping.signal.aborted) {
      const begun = performance.now();
      const { batchItemsMax } = this.settings;
      const batch = await this.link.run('remove what has expired', (db) =>
        removeBatch(db, of, span, batchItemsMax, place),
      );
      if (batch.removed > 0) this.removed(of, batch.removed);
      place = batch.next;
      if (!place) return true;
      if (!(await this.#rest(begun, notes))) return false;
    }
    return false;
  }

  /** After a batch, at least as long as it took. False when it has to break off. */
  async #rest(begun: number, notes: Pass): Promise<boolean> {
    const { signal } = this.#stopping;
    const restMs = Math.max(this.settings.pauseMs, performance.now() - begun);
    await sleep(restMs, undefined, { signal, ref: false }).catch(() => undefined);
    return !signal.aborted && (await this.#keepLease(notes));
  }

  /** Once a day: what is beside no activity. A sweep that is broken off begins anew the next day. */
  async #sweepResults(notes: Pass): Promise<void> {
    let place: string | undefined;
    let begun: number;
    do {
      begun = performance.now();
      const { next } = await this.link.run('remove results that nothing refers to', (db) =>
        sweepResults(db, this.settings.batchItemsMax, place),
      );
      place = next;
    } while (place !== undefined && (await this.#rest(begun, notes)));
  }

  #renewedAt = 0;

  /** Writes at most once a second, however many workflows have nothing to remove. */
  async #keepLease(notes: Pass): Promise<boolean> {
    if (performance.now() - this.#renewedAt < 1_000) return true;
    this.#renewedAt = performance.now();
    return this.link.run('keep the lease of retention', (db) => this.#lease.renew(db, notes));
  }

  /** A key of the index for each. */
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
