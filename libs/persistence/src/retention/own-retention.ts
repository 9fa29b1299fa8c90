import { type MongoLink } from '../connection/mongo-link.js';
import { type WorkflowRetention } from '../workflows/workflow.js';
import { WORKFLOWS } from '../workflows/workflow.schema.js';
import { type WorkflowDocument } from '../workflows/workflow-document.js';

/** The most workflows whose retention one query reads. */
const WORKFLOWS_MAX = 100;
/** How long it is used, in milliseconds. A pass may take hours, and a change is to hold for the workflows that follow. */
const FRESH_MS = 1_000;

/**
 * The retention that workflows have of their own, also deleted ones. A pass asks for it in the order of its workflows,
 * so it is read for the next of them together, by their ids.
 */
export class OwnRetention {
  #read: ReadonlyMap<string, WorkflowRetention | undefined> = new Map();
  #readAt = -Infinity;

  constructor(
    private readonly link: MongoLink,
    private readonly workflowIds: readonly string[],
  ) {}

  /** @param at the place of the workflow in the list; an empty retention if the workflow has none of its own */
  async of(at: number): Promise<WorkflowRetention> {
    const workflowId = this.workflowIds[at] ?? '';
    const isFresh = performance.now() - this.#readAt < FRESH_MS;
    if (!isFresh || !this.#read.has(workflowId)) await this.#readFrom(at);
    return this.#read.get(workflowId) ?? {};
  }

  async #readFrom(at: number): Promise<void> {
    const ids = this.workflowIds.slice(at, at + WORKFLOWS_MAX);
    const found = await this.link.run('read the retention of workflows', (db) =>
      db
        .collection<WorkflowDocument>(WORKFLOWS)
        .find({ _id: { $in: ids } })
        .project<Pick<WorkflowDocument, '_id' | 'retention'>>({ retention: 1 })
        .toArray(),
    );
    const own = new Map(found.map(({ _id, retention }) => [_id, retention]));
    this.#read = new Map(ids.map((id) => [id, own.get(id)]));
    this.#readAt = performance.now();
  }
}
