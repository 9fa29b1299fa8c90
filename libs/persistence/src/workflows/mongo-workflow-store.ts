import { type Model } from 'mongoose';
import { type MongoLink } from '../connection/mongo-link.js';
import {
  SecretNotFoundError,
  TokenNotFoundError,
  WorkflowChangedError,
  WorkflowNotFoundError,
  WorkflowSecretsFullError,
  WorkflowTokensFullError,
} from '../errors.js';
import { fromCursor, toCursor } from '../storage/cursor.js';
import { CHANGED, CHANGED_IN_PIPELINE, WorkflowCredentials } from './workflow-credentials.js';
import {
  type Workflow,
  type WorkflowRevision,
  type WorkflowSecret,
  type WorkflowToken,
} from './workflow.js';
import {
  living,
  revisionDocumentId,
  toRevision,
  toSecretDocument,
  toSwitchUpdate,
  toTokenDocument,
  toWorkflow,
  type WorkflowDocument,
  type WorkflowRevisionDocument,
} from './workflow-document.js';
import {
  type IfVersion,
  WORKFLOW_SECRETS_MAX,
  WORKFLOW_TOKENS_MAX,
  type WorkflowChange,
  type WorkflowContent,
  WorkflowStore,
  type WorkflowPage,
  type WorkflowSwitches,
} from './workflow-store.js';
import { WorkflowWriter } from './workflow-writer.js';

/** The update of a deleted workflow, a pipeline. Its name becomes an invalid one, so that the old name is free. */
const DELETED = {
  name: { $concat: ['$name', '~', '$_id'] },
  status: 'inactive',
  tokens: [],
  secrets: [],
  ...CHANGED_IN_PIPELINE,
  deletedAt: '$$NOW',
};

export class MongoWorkflowStore extends WorkflowStore {
  readonly #credentials: WorkflowCredentials;
  readonly #writer: WorkflowWriter;

  constructor(
    private readonly workflows: Model<WorkflowDocument>,
    private readonly revisions: Model<WorkflowRevisionDocument>,
    private readonly link: MongoLink,
  ) {
    super();
    this.#credentials = new WorkflowCredentials(workflows, link);
    this.#writer = new WorkflowWriter(workflows, revisions, link);
  }

  override create(workflow: Workflow, first: WorkflowRevision): Promise<void> {
    return this.#writer.create(workflow, first);
  }

  override async get(id: string): Promise<Workflow | undefined> {
    const found = await this.link.run('get a workflow', () =>
      this.workflows.findOne(living(id)).lean(),
    );
    return found ? toWorkflow(found) : undefined;
  }

  override async getByName(name: string): Promise<Workflow | undefined> {
    const found = await this.link.run('get a workflow by its name', () =>
      this.workflows.findOne({ name, deletedAt: { $exists: false } }).lean(),
    );
    return found ? toWorkflow(found) : undefined;
  }

  override async getAgain(id: string, known: Workflow | undefined): Promise<Workflow | undefined> {
    const isOther = { lockVersion: { $ne: known?.lockVersion ?? -1 } };
    const found = await this.link.run('get a workflow', () =>
      this.workflows.findOne({ _id: id, ...isOther }).lean(),
    );
    if (!found) return known;
    return found.deletedAt ? undefined : toWorkflow(found);
  }

  override async existing(ids: readonly string[]): Promise<ReadonlySet<string>> {
    const found = await this.link.run('look for workflows', () =>
      this.workflows
        .find({ _id: { $in: [...ids] }, deletedAt: { $exists: false } }, { _id: 1 })
        .lean(),
    );
    return new Set(found.map(({ _id: id }) => id));
  }

  override async getByToken(hash: string): Promise<Workflow | undefined> {
    const found = await this.link.run('find a token', () =>
      this.workflows.findOne({ 'tokens.hash': hash }).lean(),
    );
    return found ? toWorkflow(found) : undefined;
  }

  override async listByToken(hash: string, limit: number): Promise<readonly Workflow[]> {
    const found = await this.link.run('find the workflows of a token', () =>
      this.workflows.find({ 'tokens.hash': hash }).sort({ _id: 1 }).limit(limit).lean(),
    );
    return found.map(toWorkflow);
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
        .find({ ...after, deletedAt: { $exists: false } })
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

  override async replace(
    id: string,
    content: WorkflowContent,
    now: number,
    ifVersion: IfVersion,
  ): Promise<{ readonly workflow: Workflow; readonly revision: WorkflowRevision }> {
    const replaced = await this.#writer.replace(id, content, now, ifVersion);
    return replaced ?? this.#notChanged(id);
  }

  override async switch(
    id: string,
    switches: WorkflowSwitches,
    ifVersion: IfVersion,
  ): Promise<Workflow> {
    const update = { ...toSwitchUpdate(switches), ...CHANGED };
    const found = await this.link.run('switch a workflow', () =>
      this.workflows
        .findOneAndUpdate(living(id, ifVersion), update, { returnDocument: 'after' })
        .lean<WorkflowDocument>(),
    );
    return found ? toWorkflow(found) : this.#notChanged(id);
  }

  override async remove(id: string, ifVersion: IfVersion): Promise<void> {
    const { matchedCount } = await this.link.run('delete a workflow', () =>
      this.workflows.updateOne(living(id, ifVersion), [{ $set: DELETED }], {
        updatePipeline: true,
      }),
    );
    if (matchedCount === 0) await this.#notChanged(id);
  }

  override async addToken(id: string, token: WorkflowToken): Promise<number> {
    const lockVersion = await this.#credentials.add('tokens', id, toTokenDocument(token));
    if (lockVersion === undefined) throw new WorkflowTokensFullError(id, WORKFLOW_TOKENS_MAX);
    return lockVersion;
  }

  override async removeToken(id: string, tokenId: string): Promise<number> {
    const lockVersion = await this.#credentials.remove('tokens', id, tokenId);
    if (lockVersion === undefined) throw new TokenNotFoundError(id, tokenId);
    return lockVersion;
  }

  override async addSecret(id: string, secret: WorkflowSecret): Promise<number> {
    const lockVersion = await this.#credentials.add('secrets', id, toSecretDocument(secret));
    if (lockVersion === undefined) throw new WorkflowSecretsFullError(id, WORKFLOW_SECRETS_MAX);
    return lockVersion;
  }

  override async removeSecret(id: string, secretId: string): Promise<number> {
    const lockVersion = await this.#credentials.remove('secrets', id, secretId);
    if (lockVersion === undefined) throw new SecretNotFoundError(id, secretId);
    return lockVersion;
  }

  override async changesSince(since: number, limit: number): Promise<readonly WorkflowChange[]> {
    const found = await this.link.run('look for changed workflows', () =>
      this.workflows
        .find({ changedAt: { $gte: new Date(since) } }, { lockVersion: 1, changedAt: 1 })
        .sort({ changedAt: 1 })
        .limit(limit)
        .lean(),
    );
    return found.map(({ _id: id, lockVersion = 0, changedAt }) => ({
      id,
      lockVersion,
      changedAt: changedAt?.getTime() ?? 0,
    }));
  }

  override async lastChangeAt(): Promise<number | undefined> {
    const found = await this.link.run('look for changed workflows', () =>
      this.workflows
        .findOne({ changedAt: { $exists: true } }, { changedAt: 1 })
        .sort({ changedAt: -1 })
        .lean(),
    );
    return found?.changedAt?.getTime();
  }

  /** Throws the reason why an update matched no document. */
  async #notChanged(id: string): Promise<never> {
    throw (await this.get(id)) ? new WorkflowChangedError(id) : new WorkflowNotFoundError(id);
  }
}

function nameOf(cursor: string): string {
  const [name] = fromCursor(cursor, ['string']);
  return name as string;
}
