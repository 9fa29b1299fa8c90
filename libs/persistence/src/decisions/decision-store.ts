import { type Decision, type DecisionOutcome, type DecisionRecord } from './decision.js';

/** Which decisions: those that have these facts; absent for any. */
export interface DecisionQuery extends Pick<Decision, 'eventId' | 'source' | 'workflowId'> {
  /** 1 to 100. */
  readonly limit: number;
  /** The `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
  readonly outcome?: DecisionOutcome | undefined;
  /** Both in milliseconds since 1970, and included. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
}

export interface DecisionPage {
  readonly records: readonly DecisionRecord[];
  /** Absent on the last page. */
  readonly nextCursor?: string;
}

/** The decisions of listeners, kept for a time and within a size. Nothing depends on them: they may be lost. */
export abstract class DecisionStore {
  /** Adds the counts to what is stored under the same ids. `expiresAt`: milliseconds since 1970. */
  abstract add(records: readonly DecisionRecord[], expiresAt: number): Promise<void>;

  /** Newest first, by the time of the first decision of each record. @throws CursorInvalidError */
  abstract list(query: DecisionQuery): Promise<DecisionPage>;

  /** Removes the oldest while all together take more than `bytesMax`. @returns how many were removed */
  abstract trim(bytesMax: number): Promise<number>;
}
