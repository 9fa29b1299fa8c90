import { type TriggerKind } from '@app/events';

export interface Refusal {
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
 * Puts refused requests on record: each is a failed activity with a workflow-level failure. Those of
 * one workflow, trigger and code within the same minute share one activity with a count, and its
 * first is written at once, the rest in steps, so nobody can fill or slow the database by knocking.
 */
export abstract class RefusalStore {
  /** Never rejects and never waits for MongoDB; what can't be written yet is kept, bounded, and retried. */
  abstract add(refusal: Refusal): void;

  /** Writes what is still held back. */
  abstract flush(): Promise<void>;
}
