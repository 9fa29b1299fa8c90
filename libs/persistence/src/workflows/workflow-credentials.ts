import { type Model } from 'mongoose';
import { type MongoLink } from '../connection/mongo-link.js';
import { WorkflowNotFoundError } from '../errors.js';
import { living, type WorkflowDocument } from './workflow-document.js';
import { WORKFLOW_SECRETS_MAX, WORKFLOW_TOKENS_MAX } from './workflow-store.js';

/** A part of every update, so that caches of an older version notice the change. */
export const CHANGED = { $inc: { lockVersion: 1 }, $currentDate: { changedAt: true } } as const;

/** The same for the `$set` of an update that is a pipeline. */
export const CHANGED_IN_PIPELINE = {
  lockVersion: { $add: [{ $ifNull: ['$lockVersion', 0] }, 1] },
  changedAt: '$$NOW',
} as const;

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
   * Removes what has expired by MongoDB's clock in the same update, so that it neither counts nor stays.
   * @returns the lock version of the workflow with it; undefined if there was no room
   * @throws WorkflowNotFoundError
   */
  async add<Of extends Kind>(
    kind: Of,
    id: string,
    credential: Credential<Of>,
  ): Promise<number | undefined> {
    const valid = validOf(kind);
    const hasRoom = { $expr: { $lt: [{ $size: valid }, ITEMS_MAX[kind]] } };
    return this.#update(`add to the ${kind} of a workflow`, id, hasRoom, [
      {
        $set: {
          // A label that begins with `$` would be the name of a field.
          [kind]: { $concatArrays: [valid, [{ $literal: credential }]] },
          ...CHANGED_IN_PIPELINE,
        },
      },
    ]);
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
    const after = {
      returnDocument: 'after',
      projection: { lockVersion: 1 },
      updatePipeline: Array.isArray(update),
    } as const;
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

/** The expression for those that have not expired. Dates are compared alone: one that is missing is less than each. */
function validOf(kind: Kind): object {
  const isDate = { $eq: [{ $type: '$$this.expiresAt' }, 'date'] };
  const hasExpired = { $and: [isDate, { $lte: ['$$this.expiresAt', '$$NOW'] }] };
  return { $filter: { input: { $ifNull: [`$${kind}`, []] }, cond: { $not: [hasExpired] } } };
}
