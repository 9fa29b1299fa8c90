import { type Model } from 'mongoose';
import { type MongoLink } from '../connection/mongo-link.js';
import { WorkflowNotFoundError } from '../errors.js';
import { living, type WorkflowDocument } from './workflow-document.js';
import { WORKFLOW_SECRETS_MAX, WORKFLOW_TOKENS_MAX } from './workflow-store.js';

/** A part of every update, so that caches of an older version notice the change. */
export const CHANGED = { $inc: { lockVersion: 1 }, $currentDate: { changedAt: true } } as const;

const ITEMS_MAX = { tokens: WORKFLOW_TOKENS_MAX, secrets: WORKFLOW_SECRETS_MAX };

type Kind = keyof typeof ITEMS_MAX;
type Credential<Of extends Kind> = NonNullable<WorkflowDocument[Of]>[number];

/** Tokens and secrets of a workflow: bounded lists in its document. */
export class WorkflowCredentials {
  constructor(
    private readonly workflows: Model<WorkflowDocument>,
    private readonly link: MongoLink,
  ) {}

  /**
   * @returns the lock version of the workflow with it; undefined if there was no room
   * @throws WorkflowNotFoundError
   */
  async add<Of extends Kind>(
    kind: Of,
    id: string,
    credential: Credential<Of>,
  ): Promise<number | undefined> {
    const hasRoom = { [`${kind}.${ITEMS_MAX[kind] - 1}`]: { $exists: false } };
    return this.#update(`add to the ${kind} of a workflow`, id, hasRoom, {
      $push: { [kind]: credential },
      ...CHANGED,
    });
  }

  /**
   * @returns the lock version of the workflow without it; undefined if it was not there
   * @throws WorkflowNotFoundError
   */
  async remove(kind: Kind, id: string, credentialId: string): Promise<number | undefined> {
    const isThere = { [`${kind}.id`]: credentialId };
    return this.#update(`remove from the ${kind} of a workflow`, id, isThere, {
      $pull: { [kind]: { id: credentialId } },
      ...CHANGED,
    });
  }

  async #update(
    operation: string,
    id: string,
    only: object,
    update: object,
  ): Promise<number | undefined> {
    const after = { returnDocument: 'after', projection: { lockVersion: 1 } } as const;
    const updated = await this.link.run(operation, () =>
      this.workflows.findOneAndUpdate({ ...living(id), ...only }, update, after).lean(),
    );
    if (updated) return updated.lockVersion ?? 0;
    const isThere = await this.link.run('look for a workflow', () =>
      this.workflows.exists(living(id)),
    );
    if (!isThere) throw new WorkflowNotFoundError(id);
    return undefined;
  }
}
