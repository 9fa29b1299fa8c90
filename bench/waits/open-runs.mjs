import { waitFor } from '../../tools/project/wait-for.mjs';

const MS_MAX = 1_800_000;
/** A look reads past the keys of all runs that ended lately, so there is at most one a second. */
const PAUSE_MS_MAX = 1_000;
const OPEN = ['queued', 'waiting', 'running'];

/**
 * @typedef {import('../system/target.mjs').Execution['activities']} Activities
 */

/**
 * Until every run of the workflow waits: `count` of them, and nobody has a lease of one or anything to tell of it.
 *
 * @param {Activities} activities
 * @param {string} workflowId
 * @param {number} count
 */
export function untilAllWait(activities, workflowId, count) {
  const rest = { leaseOwner: { $exists: false }, 'outbox.0': { $exists: false } };
  return waitFor(
    `${count} runs of ${workflowId} to wait`,
    async () => {
      const waiting = { workflowId, status: { $in: ['queued', 'waiting'] }, revision: { $gt: 1 } };
      return (await activities.countDocuments({ ...waiting, ...rest })) >= count ? true : undefined;
    },
    { timeoutMs: MS_MAX },
  );
}

/**
 * Until none of the workflow is open, by one look at the index of what is open: a count would be a load of its own.
 *
 * @param {Activities} activities
 * @param {string} workflowId
 */
export function untilNoneIsOpen(activities, workflowId) {
  const open = { status: { $in: OPEN }, wakeAt: { $exists: true }, workflowId };
  return waitFor(
    `no run of ${workflowId} to be open`,
    async () => ((await activities.findOne(open, { hint: 'open' })) ? undefined : true),
    { timeoutMs: MS_MAX, pauseMsMax: PAUSE_MS_MAX },
  );
}

/**
 * @param {Activities} activities
 * @param {string} workflowId
 * @returns {Promise<{ runs: number, begunAt: number, endedAt: number }>} the first begin and the last end
 */
export async function spanOf(activities, workflowId) {
  const [found] = await activities
    .aggregate([
      { $match: { workflowId, status: 'succeeded' } },
      {
        $group: {
          _id: null,
          runs: { $sum: 1 },
          begunAt: { $min: '$createdAt' },
          endedAt: { $max: '$run.endedAt' },
        },
      },
    ])
    .toArray();
  const { runs, begunAt, endedAt } = /** @type {Record<string, unknown>} */ (found ?? {});
  return { runs: Number(runs), begunAt: Number(begunAt), endedAt: Number(endedAt) };
}
