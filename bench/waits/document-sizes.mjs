const LOOK_MS = 250;

/**
 * Looks again and again how large the documents of a workflow's runs are.
 *
 * @param {import('./open-runs.mjs').Activities} activities
 * @param {string} workflowId
 * @returns {() => Promise<number>} ends it; the most bytes that one had
 */
export function watchLargest(activities, workflowId) {
  const ended = new AbortController();
  const watching = (async () => {
    let most = 0;
    while (!ended.signal.aborted) {
      most = Math.max(most, await largestOf(activities, { workflowId }));
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    return most;
  })();
  return () => {
    ended.abort();
    return watching;
  };
}

/**
 * @param {import('./open-runs.mjs').Activities} collection
 * @param {import('mongoose').mongo.Document} [filter]
 * @returns {Promise<number>} bytes; 0 where there is none
 */
export async function largestOf(collection, filter = {}) {
  const most = { $group: { _id: null, bytes: { $max: { $bsonSize: '$$ROOT' } } } };
  const [found] = await collection.aggregate([{ $match: filter }, most]).toArray();
  return Number(found?.['bytes'] ?? 0);
}
