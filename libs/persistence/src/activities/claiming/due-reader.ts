import { type mongo } from 'mongoose';
import { type MongoLink } from '../../connection/mongo-link.js';
import { type DueClaim } from '../activity-store.js';
import { type Due, dueQuery } from './find-due.js';

/**
 * Reads what is due, for claims. The claims of a walk (`DueClaim.walk`) share a cursor: it stays where the index entries
 * are that nobody has removed yet, while each new query begins among those that MongoDB has still to clean up, which
 * become more with each activity that is driven.
 */
export class DueReader {
  readonly #cursors = new WeakMap<AbortSignal, DueCursor>();

  constructor(private readonly link: MongoLink) {}

  /**
   * At most `claim.limit`. The first of a walk, and those of a claim of its own, leave out the first `skip`, unless nothing
   * else is due.
   */
  async read(claim: DueClaim, skip: number): Promise<readonly Due[]> {
    const known = claim.walk && this.#cursors.get(claim.walk);
    if (known) return known.next(claim.limit);
    const due = await this.#readFrom(skip, claim);
    return due.length > 0 || skip === 0 ? due : this.#readFrom(0, claim);
  }

  /** Has the walk give these, which it gave last and which come next, once more. */
  unread({ walk }: DueClaim, due: readonly Due[]): void {
    if (walk) this.#cursors.get(walk)?.unread(due);
  }

  #readFrom(skip: number, claim: DueClaim): Promise<readonly Due[]> {
    if (claim.walk) return this.#begin(claim.walk, claim, skip).next(claim.limit);
    return this.link.run(FIND_DUE, async (db) =>
      (await dueQuery(db, this.link, claim, skip)).toArray(),
    );
  }

  #begin(walk: AbortSignal, claim: DueClaim, skip: number): DueCursor {
    const cursor = new DueCursor(this.link, claim, skip);
    this.#cursors.set(walk, cursor);
    const close = (): void => {
      cursor.close();
    };
    walk.addEventListener('abort', close, { once: true });
    return cursor;
  }
}

const FIND_DUE = 'find due activities';

/** One query, of which a batch is read ahead while its caller drives the one before. */
class DueCursor {
  #cursor: mongo.FindCursor<Due> | undefined;
  #isClosed = false;
  #ahead: Promise<readonly Due[]> | undefined;
  #unread: readonly Due[] = [];

  constructor(
    private readonly link: MongoLink,
    private readonly claim: DueClaim,
    private readonly skip: number,
  ) {}

  async next(limit: number): Promise<readonly Due[]> {
    const batch = this.#unread.length > 0 ? this.#unread : await this.#read();
    this.#unread = batch.slice(limit);
    return batch.slice(0, limit);
  }

  unread(due: readonly Due[]): void {
    this.#unread = [...due, ...this.#unread];
  }

  close(): void {
    this.#isClosed = true;
    // MongoDB closes a cursor that it is not told of after ten minutes.
    this.#cursor?.close().catch(() => undefined);
  }

  async #read(): Promise<readonly Due[]> {
    const batch = await (this.#ahead ?? this.#readBatch());
    this.#ahead = batch.length < this.claim.limit ? Promise.resolve([]) : this.#readBatch();
    // Whoever asks next is told of an error.
    this.#ahead.catch(() => undefined);
    return batch;
  }

  #readBatch(): Promise<readonly Due[]> {
    return this.link.run(FIND_DUE, async (db) => {
      this.#cursor ??= await dueQuery(db, this.link, this.claim, this.skip);
      if (this.#isClosed) return [];
      return (await this.#cursor.hasNext()) ? this.#cursor.readBufferedDocuments() : [];
    });
  }
}
