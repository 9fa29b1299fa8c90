import { type ClientSession, type Model } from 'mongoose';
import { type MongoLink } from '../connection/mongo-link.js';
import { WorkflowExistsError } from '../errors.js';
import { isDuplicateKeyError } from '../storage/write-command.js';
import { CHANGED } from './workflow-credentials.js';
import { type Workflow, type WorkflowRevision } from './workflow.js';
import {
  living,
  revisionDocumentId,
  toContentUpdate,
  toRevision,
  toRevisionDocument,
  toWorkflow,
  toWorkflowDocument,
  type WorkflowDocument,
  type WorkflowRevisionDocument,
} from './workflow-document.js';
import { type IfVersion, type WorkflowContent } from './workflow-store.js';

interface Replaced {
  readonly workflow: Workflow;
  readonly revision: WorkflowRevision;
}

/** Writes workflows with their revisions in transactions, so that a workflow always has its latest revision. */
export class WorkflowWriter {
  constructor(
    private readonly workflows: Model<WorkflowDocument>,
    private readonly revisions: Model<WorkflowRevisionDocument>,
    private readonly link: MongoLink,
  ) {}

  /** @throws WorkflowExistsError */
  async create(workflow: Workflow, first: WorkflowRevision): Promise<void> {
    await this.#uniquely('create a workflow', async (session) => {
      await this.workflows.create([toWorkflowDocument(workflow)], { session });
      // By MongoDB's clock, as every change: a time from a clock that is ahead would hide later changes.
      const now = { $currentDate: { changedAt: true } };
      await this.workflows.updateOne({ _id: workflow.id }, now, { session });
      await this.revisions.create([toRevisionDocument(first)], { session });
    });
  }

  /**
   * Writes new content; a new revision only if the definition differs from the latest one.
   * @returns undefined if there is no such workflow in a version that `ifVersion` allows
   * @throws WorkflowExistsError
   */
  async replace(
    id: string,
    content: WorkflowContent,
    now: number,
    ifVersion: IfVersion,
  ): Promise<Replaced | undefined> {
    let replaced: Replaced | undefined;
    await this.#uniquely('replace a workflow', async (session) => {
      replaced = await this.#replaceIn(session, id, content, now, ifVersion);
    });
    return replaced;
  }

  async #replaceIn(
    session: ClientSession,
    id: string,
    content: WorkflowContent,
    now: number,
    ifVersion: IfVersion,
  ): Promise<Replaced | undefined> {
    const { definition, contentHash, requires } = content;
    const found = await this.workflows.findOne(living(id, ifVersion)).session(session).lean();
    if (!found) return undefined;
    const { latestRevision } = found;
    const latest = await this.revisions
      .findById(revisionDocumentId(id, latestRevision))
      .session(session)
      .lean();
    const isNew = latest?.contentHash !== contentHash;
    const number = isNew ? latestRevision + 1 : latestRevision;
    const made = { definition, contentHash, requires, createdAt: now };
    const revision = { workflowId: id, revision: number, ...made };
    if (isNew) await this.revisions.create([toRevisionDocument(revision)], { session });
    const updated = await this.workflows
      .findOneAndUpdate(
        living(id),
        { ...toContentUpdate(content, number), ...CHANGED },
        { session, returnDocument: 'after' },
      )
      .lean();
    return updated
      ? {
          workflow: toWorkflow(updated),
          revision: latest && !isNew ? toRevision(latest) : revision,
        }
      : undefined;
  }

  /** Runs a transaction. @throws WorkflowExistsError in the place of MongoDB's error for a duplicate key */
  async #uniquely(
    operation: string,
    work: (session: ClientSession) => Promise<void>,
  ): Promise<void> {
    try {
      await this.link.run(operation, () => this.link.connection.transaction(work));
    } catch (error) {
      if (!isDuplicateKeyError(error)) throw error;
      const key = error['keyValue'] as { readonly name?: string; readonly _id?: string };
      throw key.name === undefined
        ? new WorkflowExistsError('id', key._id ?? '')
        : new WorkflowExistsError('name', key.name);
    }
  }
}
