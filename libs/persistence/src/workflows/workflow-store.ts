import { type TriggerKind } from '@app/events';
import { type JsonValue } from '@app/json';
import {
  type Workflow,
  type WorkflowQuotas,
  type WorkflowRetention,
  type WorkflowRevision,
  type WorkflowSecret,
  type WorkflowToken,
} from './workflow.js';

/** The most tokens of one workflow. Bounded, because each check of a token compares it with all of them. */
export const WORKFLOW_TOKENS_MAX = 100;

/** The most signing secrets of one workflow. Bounded, because a signature is checked with all those of its provider. */
export const WORKFLOW_SECRETS_MAX = 20;

export interface WorkflowPage {
  readonly workflows: readonly Workflow[];
  readonly nextCursor?: string;
}

/** The part of a workflow that `replace` replaces: not its tokens, secrets, status and history. */
export type WorkflowContent = Pick<
  Workflow,
  'name' | 'displayName' | 'description' | 'triggers' | 'labels' | 'retention'
> &
  Pick<WorkflowRevision, 'definition' | 'contentHash' | 'requires'>;

/** Settings that `switch` changes without a new definition. An absent member or trigger stays as it is. */
export interface WorkflowSwitches {
  readonly status?: Workflow['status'];
  readonly triggers?: Readonly<Partial<Record<TriggerKind, TriggerSwitch>>>;
  /** Replaces all quotas of the workflow; null removes them, so that those of the installation apply. */
  readonly quotas?: WorkflowQuotas | null;
  /** Replaces the retention of all classes; null removes it, so that the installation's applies. */
  readonly retention?: WorkflowRetention | null;
}

export interface TriggerSwitch {
  readonly enabled: boolean;
  /** Replaces the filter; absent keeps it, null removes it. */
  readonly filter?: JsonValue;
}

/** The `lockVersion` that a workflow must have to be changed; undefined for any. */
export type IfVersion = number | undefined;

/** The last change of a workflow: its creation, an update or its deletion. */
export interface WorkflowChange {
  readonly id: string;
  readonly lockVersion: number;
  /** By MongoDB's clock, in milliseconds since 1970. */
  readonly changedAt: number;
}

/**
 * Workflows and their revisions. Every method rejects with `StoreUnavailableError` as those of
 * `ActivityStore` do. A method that changes a workflow increments its `lockVersion` and sets its
 * `changedAt`. It rejects with `WorkflowNotFoundError`, and with `WorkflowChangedError` if the
 * workflow does not have the expected version.
 */
export abstract class WorkflowStore {
  /** @throws WorkflowExistsError if a workflow has the name, or has or had the id */
  abstract create(workflow: Workflow, first: WorkflowRevision): Promise<void>;

  abstract get(id: string): Promise<Workflow | undefined>;

  /** The workflow of that name; no two workflows have the same name at the same time. */
  abstract getByName(name: string): Promise<Workflow | undefined>;
  /**
   * Like `get`, for a cache: returns `known` itself if that version is still stored. The database then answers with
   * the same bytes as for an unknown id.
   */
  abstract getAgain(id: string, known: Workflow | undefined): Promise<Workflow | undefined>;

  /** The ids among these that workflows have; one query. */
  abstract existing(ids: readonly string[]): Promise<ReadonlySet<string>>;

  /**
   * The workflow that has a token with this hash. For an unknown hash that costs one lookup in an index, however
   * many workflows there are.
   */
  abstract getByToken(hash: string): Promise<Workflow | undefined>;

  /** The workflows that have a token with this hash: the first `limit` in the order of their ids. */
  abstract listByToken(hash: string, limit: number): Promise<readonly Workflow[]>;

  /** Also for a workflow that was deleted, because its activities continue. */
  abstract getRevision(id: string, revision: number): Promise<WorkflowRevision | undefined>;

  /**
   * One page of the workflows, in the order of their names; `limit` from 1 to 100.
   * @throws CursorInvalidError
   */
  abstract list(page: { readonly limit: number; readonly cursor?: string }): Promise<WorkflowPage>;

  /**
   * Replaces the content. A different definition makes a new revision, an equal one does not.
   * @throws WorkflowExistsError if another workflow has the name
   */
  abstract replace(
    id: string,
    content: WorkflowContent,
    now: number,
    ifVersion: IfVersion,
  ): Promise<{ readonly workflow: Workflow; readonly revision: WorkflowRevision }>;

  abstract switch(id: string, switches: WorkflowSwitches, ifVersion: IfVersion): Promise<Workflow>;

  /** Deletes a workflow. Its id can't be used again, its name can. Its revisions and activities stay. */
  abstract remove(id: string, ifVersion: IfVersion): Promise<void>;

  /**
   * Removes the tokens that have expired by MongoDB's clock in the same write: they do not count.
   * @returns the new lock version, like the other methods that change tokens or secrets
   * @throws WorkflowTokensFullError if it has `WORKFLOW_TOKENS_MAX` tokens that are valid
   */
  abstract addToken(id: string, token: WorkflowToken): Promise<number>;

  /** @throws TokenNotFoundError */
  abstract removeToken(id: string, tokenId: string): Promise<number>;

  /**
   * Removes the secrets that have expired by MongoDB's clock in the same write: they do not count.
   * @throws WorkflowSecretsFullError if it has `WORKFLOW_SECRETS_MAX` secrets that are valid
   */
  abstract addSecret(id: string, secret: WorkflowSecret): Promise<number>;

  /** @throws SecretNotFoundError */
  abstract removeSecret(id: string, secretId: string): Promise<number>;

  /** Changes at or after `since` (milliseconds since 1970), oldest first, at most `limit`. */
  abstract changesSince(since: number, limit: number): Promise<readonly WorkflowChange[]>;

  /** The time of the last change, in milliseconds since 1970; undefined if there was none. */
  abstract lastChangeAt(): Promise<number | undefined>;
}
