import { type ActivityDocument } from '../activities/stored/activity-document.js';
import { ACTIVITIES } from '../activities/stored/activity.schema.js';
import { type MongoLink } from '../connection/mongo-link.js';
import { type CountRuns } from './run-quotas.js';

/** Counts runs in MongoDB, from the index `by_quota` alone. */
export function countRunsIn(link: MongoLink): CountRuns {
  return (workflowId, quotaMonth, countMax) =>
    link.run('count the runs of a month', (db) =>
      db
        .collection<ActivityDocument>(ACTIVITIES)
        .countDocuments({ workflowId, quotaMonth }, { limit: countMax }),
    );
}
