import { type TriggerKind } from '@app/events';

export interface RejectedRequest {
  readonly workflowId: string;
  readonly trigger: TriggerKind;
  /** Of docs/errors.md, such as `TOKEN_INVALID`. */
  readonly code: string;
  readonly message: string;
  readonly at: number;
  readonly eventId?: string;
  readonly source?: string;
  readonly remoteAddress?: string;
}

/**
 * Puts rejected requests on record, as failed activities with a workflow-level failure. Those of one
 * workflow, trigger and code within the same day (UTC) share `RECORDS_A_DAY_MAX` activities with a
 * count, each for ten times as many as the one before. The first of each is written at once, the rest
 * in batches, so rejected requests can neither fill nor slow the database.
 */
export abstract class RejectedRequestStore {
  /** Never rejects and never waits for MongoDB; what can't be written yet is kept, bounded, and retried. */
  abstract add(request: RejectedRequest): void;

  /** Writes what is still held back. */
  abstract flush(): Promise<void>;
}
