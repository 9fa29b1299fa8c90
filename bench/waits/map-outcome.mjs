/**
 * What became of a map.
 *
 * @typedef {object} MapOutcome
 * @property {string} status
 * @property {number} seconds from its first task to its end
 * @property {number} runs on record that it began
 * @property {number} atOnceMax how many of them were open at the same time
 * @property {number | undefined} count as the task says
 * @property {readonly unknown[] | undefined} results
 *
 * @typedef {object} ActivityView
 * @property {string} status
 * @property {string} startedAt
 * @property {string} endedAt
 * @property {readonly { name: string, results?: { count?: number, results?: unknown[] } }[]} tasks
 */

/**
 * Of the only run of a workflow whose task is `each`.
 *
 * @param {import('../system/flow.mjs').Apps} apps
 * @param {string} workflowId
 * @returns {Promise<MapOutcome>}
 */
export async function outcomeOf({ api, activities }, workflowId) {
  const { _id: id = '' } = (await activities.findOne({ workflowId })) ?? {};
  const found = /** @type {ActivityView} */ (await api.get(`/api/v2/activities/${id}`));
  const { count, results } = found.tasks.find(({ name }) => name === 'each')?.results ?? {};
  const runs = await runsOf(activities, id);
  const seconds = (Date.parse(found.endedAt) - Date.parse(found.startedAt)) / 1_000;
  const atOnce = atOnceMax(runs);
  return { status: found.status, seconds, runs: runs.length, atOnceMax: atOnce, count, results };
}

/**
 * When each run was put on record, and when it ended.
 *
 * @param {import('./open-runs.mjs').Activities} activities
 * @param {string} parent
 */
async function runsOf(activities, parent) {
  const found = await activities
    .find({ 'parent.activity': parent }, { projection: { createdAt: 1, 'run.endedAt': 1 } })
    .toArray();
  return found.map((one) => {
    const { createdAt, run } = /** @type {{ createdAt: Date, run?: { endedAt?: number } }} */ (
      /** @type {unknown} */ (one)
    );
    return { from: createdAt.getTime(), to: run?.endedAt ?? Infinity };
  });
}

/** @param {readonly { from: number, to: number }[]} runs */
function atOnceMax(runs) {
  const steps = runs.flatMap(({ from, to }) => [
    { at: from, by: 1 },
    { at: to, by: -1 },
  ]);
  // Of the same millisecond, what ended is first.
  steps.sort((a, b) => a.at - b.at || a.by - b.by);
  let open = 0;
  return steps.reduce((most, { by }) => Math.max(most, (open += by)), 0);
}
