import { type GroupCommitSettings } from './group-committer.js';

const MIB = 1024 ** 2;

/** One batch at a time and two milliseconds for company: what the benchmark likes best. */
export const DEFAULT_GROUP_COMMIT_SETTINGS: GroupCommitSettings = {
  batchesInFlightMax: 1,
  batchItemsMax: 256,
  /** A batch is one command, and that one document: 16 MiB at most, with room for what it adds. */
  batchBytesMax: 12 * MIB,
  queueItemsMax: 10_000,
  queueBytesMax: 128 * MIB,
  lingerMs: 2,
};
