import { type Workflow, type WorkflowRevision, type WorkflowToken } from './workflow.js';

/** Every check of a token compares with all of its workflow, so their number is bounded. */
export const WORKFLOW_TOKENS_MAX = 100;

export interface WorkflowPage {
  readonly workflows: readonly Workflow[];
  readonly nextCursor?: string;
}

/**
 * Workflows and their revisions. Every method rejects with `StoreUnavailableError` as those of
 * `ActivityStore` do.
 */
export abstract class WorkflowStore {
  /** @throws WorkflowExistsError when the id or the name is taken */
  abstract create(workflow: Workflow, first: WorkflowRevision): Promise<void>;

  abstract get(id: string): Promise<Workflow | undefined>;

  abstract getRevision(id: string, revision: number): Promise<WorkflowRevision | undefined>;

  /**
   * By name; `limit` 1 to 100.
   * @throws CursorInvalidError
   */
  abstract list(page: { readonly limit: number; readonly cursor?: string }): Promise<WorkflowPage>;

  /**
   * @throws WorkflowNotFoundError
   * @throws WorkflowTokensFullError when it has `WORKFLOW_TOKENS_MAX`
   */
  abstract addToken(id: string, token: WorkflowToken): Promise<void>;
}
