import { isSameEvent } from '@app/events';
import { type MongoLink } from '../../connection/mongo-link.js';
import { StoreUnavailableError } from '../../errors.js';
import {
  isDuplicateKey,
  refusedWrite,
  runWrite,
  type WriteRejection,
} from '../../storage/write-command.js';
import { FIRST_LOCK_VERSION, type RecordOutcome } from '../activity.js';
import { type ActivityDocument, type RecordedDocument } from '../stored/activity-document.js';
import { ACTIVITIES } from '../stored/activity.schema.js';
import { toEvent } from '../stored/event-mapping.js';

type Recorded = Pick<ActivityDocument, '_id' | 'event' | 'revision'>;
type Settled = PromiseSettledResult<RecordOutcome>;
const RECORD = 'record activities';
const RECORDED: Settled = { status: 'fulfilled', value: { kind: 'recorded' } };
const CONFLICT: RecordOutcome = { kind: 'conflict' };

/**
 * Inserts a batch of new activities in one command. If ids exist already, one more read for the whole batch
 * compares their events, and one more write counts the conflicts, if there are any.
 *
 * The outcome `duplicate` is as durable as a new record: after a duplicate key, too, MongoDB waits for the
 * write concern, up to the newest write it knows, which includes the first insert.
 */
export class RecordWriter {
  constructor(private readonly link: MongoLink) {}

  async write(documents: readonly RecordedDocument[]): Promise<readonly Settled[]> {
    const refused = await this.#insert(documents);
    if (refused.size === 0) return documents.map(() => RECORDED);
    const duplicates = documents.filter((_, index) => {
      const rejection = refused.get(index);
      return rejection && isDuplicateKey(rejection);
    });
    const existing = await this.#read(duplicates.map(({ _id }) => _id));
    const outcomes = documents.map((document, index): Settled => {
      const rejection = refused.get(index);
      if (!rejection) return RECORDED;
      const found = existing.get(document._id);
      if (!isDuplicateKey(rejection) || !found) {
        return { status: 'rejected', reason: refusedWrite(RECORD, rejection) };
      }
      return { status: 'fulfilled', value: compare(document, found) };
    });
    const conflicts = documents.filter((_, index) => isConflict(outcomes[index]));
    await this.#countConflicts(conflicts.map(({ _id }) => _id));
    return outcomes;
  }

  /** The rejections, by position in the batch. */
  async #insert(
    documents: readonly RecordedDocument[],
  ): Promise<ReadonlyMap<number, WriteRejection>> {
    const { refused } = await this.link.run(RECORD, (db) =>
      runWrite(db, RECORD, { insert: ACTIVITIES, documents }),
    );
    return refused;
  }

  async #read(ids: readonly string[]): Promise<ReadonlyMap<string, Recorded>> {
    if (ids.length === 0) return new Map();
    const found = await this.link.run('read recorded activities', (db) =>
      db
        .collection<ActivityDocument>(ACTIVITIES)
        .find({ _id: { $in: ids } })
        .project<Recorded>({ event: 1, revision: 1 })
        .toArray(),
    );
    return new Map(found.map((document) => [document._id, document]));
  }

  /** An outage of MongoDB is ignored: the answer is a conflict whether or not it is counted. */
  async #countConflicts(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const updates = ids.map((_id) => ({ updateOne: { filter: { _id }, update: COUNT_CONFLICT } }));
    try {
      await this.link.run('count conflicts', (db) =>
        db.collection<ActivityDocument>(ACTIVITIES).bulkWrite(updates, { ordered: false }),
      );
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
    }
  }
}

const COUNT_CONFLICT = { $inc: { conflicts: 1 } };

function isConflict(outcome: Settled | undefined): boolean {
  return outcome?.status === 'fulfilled' && outcome.value.kind === 'conflict';
}

function compare(document: RecordedDocument, { event, revision }: Recorded): RecordOutcome {
  const first = event && toEvent(event);
  const isSame = first !== undefined && isSameEvent(toEvent(document.event), first);
  const isUntouched = revision === FIRST_LOCK_VERSION;
  return isSame ? { kind: 'duplicate', first, isUntouched } : CONFLICT;
}
