import { type Failure } from '@app/workflow-engine';
import { type MongoLink } from '../../connection/mongo-link.js';
import { toStored } from '../../storage/stored-fields.js';
import { isDuplicateKey, refusedWrite, runWrite } from '../../storage/write-command.js';
import { type NewActivity } from '../activity.js';
import { toDocument } from '../stored/activity-mapping.js';
import { ACTIVITIES } from '../stored/activity.schema.js';

const RECORD = 'record a refused run';

/**
 * Records a run that is refused before it begins, as failed. `there` means that an activity with this id
 * exists; its existence is as durable as a new record (see `RecordWriter`).
 */
export async function recordRefused(
  link: MongoLink,
  activity: NewActivity,
  failure: Failure,
): Promise<'recorded' | 'there'> {
  const { wakeAt: _, ...document } = toDocument(activity);
  const refusedRun = { ...document, status: 'failed', failure: toStored(failure) };
  const { refused } = await link.run(RECORD, (db) =>
    runWrite(db, RECORD, { insert: ACTIVITIES, documents: [refusedRun] }),
  );
  const rejection = refused.get(0);
  if (rejection === undefined) return 'recorded';
  if (isDuplicateKey(rejection)) return 'there';
  throw refusedWrite(RECORD, rejection);
}
