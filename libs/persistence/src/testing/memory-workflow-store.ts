import { WorkflowExistsError, WorkflowNotFoundError, WorkflowTokensFullError } from '../errors.js';
import { fromCursor, toCursor } from '../storage/cursor.js';
import { type Workflow, type WorkflowRevision, type WorkflowToken } from '../workflows/workflow.js';
import {
  WORKFLOW_TOKENS_MAX,
  WorkflowStore,
  type WorkflowPage,
} from '../workflows/workflow-store.js';
import { Outage } from './outage.js';

/** The contract of `WorkflowStore` in memory. `outage.begin()` makes it unavailable. */
export class MemoryWorkflowStore extends WorkflowStore {
  readonly outage = new Outage();
  readonly #workflows = new Map<string, Workflow>();
  readonly #revisions = new Map<string, WorkflowRevision>();

  override async create(workflow: Workflow, first: WorkflowRevision): Promise<void> {
    this.outage.check('create a workflow');
    if (this.#workflows.has(workflow.id)) throw new WorkflowExistsError('id');
    if ([...this.#workflows.values()].some(({ name }) => name === workflow.name)) {
      throw new WorkflowExistsError('name');
    }
    this.#workflows.set(workflow.id, workflow);
    this.#revisions.set(`${first.workflowId}:${first.revision}`, first);
  }

  override async get(id: string): Promise<Workflow | undefined> {
    this.outage.check('get a workflow');
    return this.#workflows.get(id);
  }

  override async getRevision(id: string, revision: number): Promise<WorkflowRevision | undefined> {
    this.outage.check('get a workflow revision');
    return this.#revisions.get(`${id}:${revision}`);
  }

  override async list(page: {
    readonly limit: number;
    readonly cursor?: string;
  }): Promise<WorkflowPage> {
    this.outage.check('list workflows');
    const [after] = page.cursor === undefined ? [''] : fromCursor(page.cursor, ['string']);
    const found = [...this.#workflows.values()]
      .filter(({ name }) => name > (after as string))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const workflows = found.slice(0, page.limit);
    const last = workflows.at(-1);
    return found.length > page.limit && last
      ? { workflows, nextCursor: toCursor([last.name]) }
      : { workflows };
  }

  override async addToken(id: string, token: WorkflowToken): Promise<void> {
    this.outage.check('add a token');
    const workflow = this.#workflows.get(id);
    if (!workflow) throw new WorkflowNotFoundError(id);
    if (workflow.tokens.length >= WORKFLOW_TOKENS_MAX) {
      throw new WorkflowTokensFullError(id, WORKFLOW_TOKENS_MAX);
    }
    this.#workflows.set(id, { ...workflow, tokens: [...workflow.tokens, token] });
  }
}
