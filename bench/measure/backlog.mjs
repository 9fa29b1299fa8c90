import { waitFor } from '../../tools/project/wait-for.mjs';

const EMPTY_MS_MAX = 900_000;

/**
 * @param {import('../system/target.mjs').CompletingTarget} target
 * @param {number} completed how many must have ended well
 */
export async function untilCompleted(target, completed) {
  await waitFor(
    `${completed} activities to be completed`,
    async () => ((await target.completed()) >= completed ? true : undefined),
    { timeoutMs: EMPTY_MS_MAX },
  );
}
