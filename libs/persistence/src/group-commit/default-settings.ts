import { type GroupCommitSettings } from './group-committer.js';

const MIB = 1024 ** 2;

/** One batch at a time and two milliseconds for company: what the benchmark likes best. */
export const DEFAULT_GROUP_COMMIT_SETTINGS: GroupCommitSettings = {
  batchesInFlightMax: 1,
  batchItemsMax: 256,
  batchBytesMax: 16 * MIB,
  queueItemsMax: 10_000,
  queueBytesMax: 128 * MIB,
  lingerMs: 2,
};
