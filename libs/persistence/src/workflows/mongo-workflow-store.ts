import { mongo, type Model } from 'mongoose';
import { type MongoLink } from '../connection/mongo-link.js';
import { WorkflowExistsError, WorkflowNotFoundError, WorkflowTokensFullError } from '../errors.js';
import { isDuplicateKey } from '../storage/write-command.js';
import { fromCursor, toCursor } from '../storage/cursor.js';
import { type Workflow, type WorkflowRevision, type WorkflowToken } from './workflow.js';
import {
  revisionDocumentId,
  toRevision,
  toRevisionDocument,
  toTokenDocument,
  toWorkflow,
  toWorkflowDocument,
  type WorkflowDocument,
  type WorkflowRevisionDocument,
} from './workflow-document.js';
import { WORKFLOW_TOKENS_MAX, WorkflowStore, type WorkflowPage } from './workflow-store.js';

export class MongoWorkflowStore extends WorkflowStore {
  constructor(
    private readonly workflows: Model<WorkflowDocument>,
    private readonly revisions: Model<WorkflowRevisionDocument>,
    private readonly link: MongoLink,
  ) {
    super();
  }

  /** A transaction, so there is never one without the other; it is far from the hot path. */
  override async create(workflow: Workflow, first: WorkflowRevision): Promise<void> {
    try {
      await this.link.run('create a workflow', () =>
        this.link.connection.transaction(async (session) => {
          await this.workflows.create([toWorkflowDocument(workflow)], { session });
          await this.revisions.create([toRevisionDocument(first)], { session });
        }),
      );
    } catch (error) {
      if (!(error instanceof mongo.MongoServerError && isDuplicateKey(error))) throw error;
      const key = error['keyPattern'] as object;
      throw new WorkflowExistsError('name' in key ? 'name' : 'id');
    }
  }

  override async get(id: string): Promise<Workflow | undefined> {
    const found = await this.link.run('get a workflow', () => this.workflows.findById(id).lean());
    return found ? toWorkflow(found) : undefined;
  }

  override async getRevision(id: string, revision: number): Promise<WorkflowRevision | undefined> {
    const found = await this.link.run('get a workflow revision', () =>
      this.revisions.findById(revisionDocumentId(id, revision)).lean(),
    );
    return found ? toRevision(found) : undefined;
  }

  override async list(page: {
    readonly limit: number;
    readonly cursor?: string;
  }): Promise<WorkflowPage> {
    const after = page.cursor === undefined ? {} : { name: { $gt: nameOf(page.cursor) } };
    const found = await this.link.run('list workflows', () =>
      this.workflows
        .find(after)
        .sort({ name: 1 })
        .limit(page.limit + 1)
        .lean(),
    );
    const workflows = found.slice(0, page.limit).map(toWorkflow);
    const last = workflows.at(-1);
    return found.length > page.limit && last
      ? { workflows, nextCursor: toCursor([last.name]) }
      : { workflows };
  }

  override async addToken(id: string, token: WorkflowToken): Promise<void> {
    const { matchedCount } = await this.link.run('add a token', () =>
      this.workflows.updateOne(
        { _id: id, [`tokens.${WORKFLOW_TOKENS_MAX - 1}`]: { $exists: false } },
        { $push: { tokens: toTokenDocument(token) } },
      ),
    );
    if (matchedCount === 1) return;
    if (!(await this.get(id))) throw new WorkflowNotFoundError(id);
    throw new WorkflowTokensFullError(id, WORKFLOW_TOKENS_MAX);
  }
}

function nameOf(cursor: string): string {
  const [name] = fromCursor(cursor, ['string']);
  return name as string;
}
