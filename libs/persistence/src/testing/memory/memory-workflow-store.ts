import {
  SecretNotFoundError,
  TokenNotFoundError,
  WorkflowChangedError,
  WorkflowExistsError,
  WorkflowNotFoundError,
  WorkflowSecretsFullError,
  WorkflowTokensFullError,
} from '../../errors.js';
import {
  type Trigger,
  type Workflow,
  type WorkflowRevision,
  type WorkflowSecret,
  type WorkflowToken,
} from '../../workflows/workflow.js';
import {
  type IfVersion,
  WORKFLOW_SECRETS_MAX,
  WORKFLOW_TOKENS_MAX,
  type WorkflowChange,
  type WorkflowContent,
  WorkflowStore,
  type WorkflowPage,
  type WorkflowSwitches,
} from '../../workflows/workflow-store.js';
import { pageOf } from './memory-page.js';
import { Outage } from './outage.js';

/** The contract of `WorkflowStore` in memory. `outage.begin()` makes it unavailable. */
export class MemoryWorkflowStore extends WorkflowStore {
  readonly outage = new Outage();
  readonly #workflows = new Map<string, Workflow>();
  readonly #revisions = new Map<string, WorkflowRevision>();
  readonly #changes = new Map<string, WorkflowChange>();

  /** @param clock stands for MongoDB's clock; milliseconds since 1970 */
  constructor(private readonly clock: () => number = Date.now) {
    super();
  }

  override async create(workflow: Workflow, first: WorkflowRevision): Promise<void> {
    this.outage.check('create a workflow');
    if (this.#changes.has(workflow.id)) throw new WorkflowExistsError('id', workflow.id);
    if ([...this.#workflows.values()].some(({ name }) => name === workflow.name)) {
      throw new WorkflowExistsError('name', workflow.name);
    }
    this.#put(workflow);
    this.#revisions.set(`${first.workflowId}:${first.revision}`, first);
  }

  override async get(id: string): Promise<Workflow | undefined> {
    this.outage.check('get a workflow');
    return this.#workflows.get(id);
  }

  override async getByName(name: string): Promise<Workflow | undefined> {
    this.outage.check('get a workflow by its name');
    return [...this.#workflows.values()].find((workflow) => workflow.name === name);
  }

  override async getAgain(id: string, known: Workflow | undefined): Promise<Workflow | undefined> {
    this.outage.check('get a workflow');
    const stored = this.#workflows.get(id);
    return stored?.lockVersion === known?.lockVersion ? known : stored;
  }

  override async existing(ids: readonly string[]): Promise<ReadonlySet<string>> {
    this.outage.check('look for workflows');
    return new Set(ids.filter((id) => this.#workflows.has(id)));
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
    const { page: workflows, ...next } = pageOf([...this.#workflows.values()], {
      ...page,
      order: 'ascending',
      placeOf: ({ name }) => [name],
      kinds: ['string'],
    });
    return { workflows, ...next };
  }

  override async getByToken(hash: string): Promise<Workflow | undefined> {
    this.outage.check('find a token');
    return [...this.#workflows.values()].find(({ tokens }) =>
      tokens.some((token) => token.hash === hash),
    );
  }

  override async listByToken(hash: string, limit: number): Promise<readonly Workflow[]> {
    this.outage.check('find the workflows of a token');
    return [...this.#workflows.values()]
      .filter(({ tokens }) => tokens.some((token) => token.hash === hash))
      .toSorted((one, other) => (one.id < other.id ? -1 : 1))
      .slice(0, limit);
  }

  override async replace(
    id: string,
    content: WorkflowContent,
    now: number,
    ifVersion: IfVersion,
  ): Promise<{ readonly workflow: Workflow; readonly revision: WorkflowRevision }> {
    this.outage.check('replace a workflow');
    const existing = this.#existing(id, ifVersion);
    const { status, tokens, secrets, quotas, createdAt, latestRevision } = existing;
    const { definition, contentHash, requires, ...named } = content;
    const sameName = [...this.#workflows.values()].find(({ name }) => name === named.name);
    if (sameName && sameName.id !== id) throw new WorkflowExistsError('name', named.name);
    const latest = this.#revisions.get(`${id}:${latestRevision}`);
    const next = {
      workflowId: id,
      revision: latestRevision + 1,
      definition,
      contentHash,
      requires,
      createdAt: now,
    };
    const revision = latest?.contentHash === contentHash ? latest : next;
    this.#revisions.set(`${id}:${revision.revision}`, revision);
    const workflow = this.#change({
      ...named,
      id,
      status,
      tokens,
      ...(secrets && { secrets }),
      ...(quotas && { quotas }),
      createdAt,
      latestRevision: revision.revision,
      requires,
      lockVersion: this.#existing(id).lockVersion,
    });
    return { workflow, revision };
  }

  override async switch(
    id: string,
    switches: WorkflowSwitches,
    ifVersion: IfVersion,
  ): Promise<Workflow> {
    this.outage.check('switch a workflow');
    const workflow = this.#existing(id, ifVersion);
    const triggers: Record<string, Trigger | undefined> = { ...workflow.triggers };
    for (const [kind, { enabled, filter }] of Object.entries(switches.triggers ?? {})) {
      const { filter: before } = triggers[kind] ?? {};
      const after = filter === undefined ? before : (filter ?? undefined);
      triggers[kind] = { enabled, ...(after !== undefined && { filter: after }) };
    }
    const { quotas, retention, ...others } = switches;
    const { quotas: quotasBefore, retention: retentionBefore, ...rest } = workflow;
    const quotasAfter = quotas === undefined ? quotasBefore : quotas;
    const retentionAfter = retention === undefined ? retentionBefore : retention;
    return this.#change({
      ...{ ...rest, ...others, triggers },
      ...(quotasAfter && { quotas: quotasAfter }),
      ...(retentionAfter && { retention: retentionAfter }),
    });
  }

  override async remove(id: string, ifVersion: IfVersion): Promise<void> {
    this.outage.check('delete a workflow');
    const workflow = this.#existing(id, ifVersion);
    this.#change(workflow);
    this.#workflows.delete(id);
  }

  override async addToken(id: string, token: WorkflowToken): Promise<number> {
    this.outage.check('add a token');
    const workflow = this.#existing(id);
    const tokens = [...this.#validOf(workflow.tokens), token];
    if (tokens.length > WORKFLOW_TOKENS_MAX) {
      throw new WorkflowTokensFullError(id, WORKFLOW_TOKENS_MAX);
    }
    return this.#change({ ...workflow, tokens }).lockVersion;
  }

  override async removeToken(id: string, tokenId: string): Promise<number> {
    this.outage.check('remove a token');
    const workflow = this.#existing(id);
    const tokens = workflow.tokens.filter((token) => token.id !== tokenId);
    if (tokens.length === workflow.tokens.length) throw new TokenNotFoundError(id, tokenId);
    return this.#change({ ...workflow, tokens }).lockVersion;
  }

  override async addSecret(id: string, secret: WorkflowSecret): Promise<number> {
    this.outage.check('add a secret');
    const workflow = this.#existing(id);
    const secrets = [...this.#validOf(workflow.secrets ?? []), secret];
    if (secrets.length > WORKFLOW_SECRETS_MAX) {
      throw new WorkflowSecretsFullError(id, WORKFLOW_SECRETS_MAX);
    }
    return this.#change({ ...workflow, secrets }).lockVersion;
  }

  override async removeSecret(id: string, secretId: string): Promise<number> {
    this.outage.check('remove a secret');
    const { secrets = [], ...workflow } = this.#existing(id);
    const left = secrets.filter((secret) => secret.id !== secretId);
    if (left.length === secrets.length) throw new SecretNotFoundError(id, secretId);
    return this.#change({ ...workflow, ...(left.length > 0 && { secrets: left }) }).lockVersion;
  }

  override async changesSince(since: number, limit: number): Promise<readonly WorkflowChange[]> {
    this.outage.check('look for changed workflows');
    return [...this.#changes.values()]
      .filter(({ changedAt }) => changedAt >= since)
      .sort((a, b) => a.changedAt - b.changedAt)
      .slice(0, limit);
  }

  override async lastChangeAt(): Promise<number | undefined> {
    this.outage.check('look for changed workflows');
    const times = [...this.#changes.values()].map(({ changedAt }) => changedAt);
    return times.length === 0 ? undefined : Math.max(...times);
  }

  #validOf<T extends { readonly expiresAt?: number }>(credentials: readonly T[]): readonly T[] {
    const now = this.clock();
    return credentials.filter(({ expiresAt = Infinity }) => expiresAt > now);
  }

  #existing(id: string, ifVersion?: IfVersion): Workflow {
    const workflow = this.#workflows.get(id);
    if (!workflow) throw new WorkflowNotFoundError(id);
    if (ifVersion !== undefined && workflow.lockVersion !== ifVersion) {
      throw new WorkflowChangedError(id);
    }
    return workflow;
  }

  #change(workflow: Workflow): Workflow {
    return this.#put({ ...workflow, lockVersion: workflow.lockVersion + 1 });
  }

  #put(workflow: Workflow): Workflow {
    const { id, lockVersion } = workflow;
    this.#workflows.set(id, workflow);
    this.#changes.set(id, { id, lockVersion, changedAt: this.clock() });
    return workflow;
  }
}
