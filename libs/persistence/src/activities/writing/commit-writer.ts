import { type MongoLink } from '../../connection/mongo-link.js';
import { refusedWrite, runWrite, type WriteRejection } from '../../storage/write-command.js';
import { type ActivityDocument } from '../stored/activity-document.js';
import { ACTIVITIES } from '../stored/activity.schema.js';
import { type CommitStatement, commitStatements, type RevisionUpdate } from './commit-statement.js';

type Settled = PromiseSettledResult<'committed' | 'stale'>;

interface Answer {
  /** How many were counted as changed. */
  readonly written: number;
  /** By their positions in the batch. */
  readonly refused: ReadonlyMap<number, WriteRejection>;
  /** The positions of those that share a statement of which MongoDB refused one. */
  readonly unclear: readonly number[];
}

const COMMIT = 'commit activities';
const COMMITTED: Settled = { status: 'fulfilled', value: 'committed' };
const STALE: Settled = { status: 'fulfilled', value: 'stale' };
const NOTHING_SENT: Answer = { written: 0, refused: new Map(), unclear: [] };

/**
 * Writes a batch of updates in one command, each on the condition of its lock version: an update that was
 * computed from an older version changes nothing. MongoDB returns only the number of changed documents, so
 * if some were not changed, one read shows which commit ids are in place. Signals keep the commit id, so an update over
 * which a signal was written counts as committed. One over which another commit or claim was written counts as stale:
 * that other writer owns the activity.
 *
 * MongoDB ends a statement at the first update that it refuses, and does not count those that the statement had made.
 * So all updates of such a statement are sent again, each in a statement of its own; those that were made change nothing.
 */
export class CommitWriter {
  constructor(private readonly link: Pick<MongoLink, 'run'>) {}

  async write(updates: readonly RevisionUpdate[]): Promise<readonly Settled[]> {
    const first = await this.#send(commitStatements(updates));
    const again = first.unclear.flatMap((at) =>
      commitStatements(updates.slice(at, at + 1)).map((one) => ({ ...one, members: [at] })),
    );
    const second = again.length === 0 ? NOTHING_SENT : await this.#send(again);
    const written = first.written + second.written;
    if (written === updates.length) return updates.map(() => COMMITTED);
    const none = written === 0 && again.length === 0;
    const winners = none ? new Set<string>() : await this.#winners(updates);
    return updates.map(({ commitId }, at): Settled => {
      const rejection = first.refused.get(at) ?? second.refused.get(at);
      if (rejection) return { status: 'rejected', reason: refusedWrite(COMMIT, rejection) };
      return winners.has(commitId) ? COMMITTED : STALE;
    });
  }

  async #send(statements: readonly CommitStatement[]): Promise<Answer> {
    const updates = statements.map(({ statement }) => statement);
    const answer = await this.link.run(COMMIT, (db) =>
      runWrite(db, COMMIT, { update: ACTIVITIES, updates }),
    );
    const refused = new Map<number, WriteRejection>();
    const unclear: number[] = [];
    for (const [at, rejection] of answer.refused) {
      const [member, ...others] = statements[at]?.members ?? [];
      if (member === undefined) continue;
      if (others.length === 0) refused.set(member, rejection);
      else unclear.push(member, ...others);
    }
    return { written: answer.written, refused, unclear };
  }

  /** The commit ids that the activities have now. */
  async #winners(updates: readonly RevisionUpdate[]): Promise<ReadonlySet<string | undefined>> {
    const found = await this.link.run('read commits', (db) =>
      db
        .collection<ActivityDocument>(ACTIVITIES)
        .find({ _id: { $in: updates.map(({ id }) => id) } })
        .project<Pick<ActivityDocument, 'commitId'>>({ commitId: 1 })
        .toArray(),
    );
    return new Set(found.map(({ commitId }) => commitId));
  }
}
