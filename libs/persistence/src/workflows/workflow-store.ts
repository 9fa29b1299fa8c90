import { type Workflow, type WorkflowRevision, type WorkflowToken } from './workflow.js';

export interface WorkflowPage {
  readonly workflows: readonly Workflow[];
  readonly nextCursor?: string;
}

/** Workflows and their revisions. Every method rejects with `StoreUnavailableError` as `ActivityStore` does. */
export abstract class WorkflowStore {
  /** @throws WorkflowExistsError when the id or the name is taken */
  abstract create(workflow: Workflow, first: WorkflowRevision): Promise<void>;

  abstract get(id: string): Promise<Workflow | undefined>;

  abstract getRevision(id: string, revision: number): Promise<WorkflowRevision | undefined>;

  /** By name; `limit` 1 to 100. */
  abstract list(page: { readonly limit: number; readonly cursor?: string }): Promise<WorkflowPage>;

  /** @throws WorkflowNotFoundError */
  abstract addToken(id: string, token: WorkflowToken): Promise<void>;
}
