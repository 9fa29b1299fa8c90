import { type TriggerKind } from '@app/events';
import { type JsonValue } from '@app/json';
import {
  type Workflow,
  type WorkflowQuotas,
  type WorkflowRevision,
  type WorkflowSecret,
  type WorkflowToken,
} from './workflow.js';

/** Every check of a token compares with all of its workflow, so their number is bounded. */
export const WORKFLOW_TOKENS_MAX = 100;

/** Every signature is checked with all of its workflow and provider, so their number is bounded. */
export const WORKFLOW_SECRETS_MAX = 20;

export interface WorkflowPage {
  readonly workflows: readonly Workflow[];
  readonly nextCursor?: string;
}

/** What a caller may say of a workflow; its tokens, status and history are not in it. */
export type WorkflowContent = Pick<
  Workflow,
  'name' | 'displayName' | 'description' | 'triggers' | 'labels'
> &
  Pick<WorkflowRevision, 'definition' | 'contentHash' | 'requires'>;

/** What can be changed alone. A trigger that is not named stays as it is. */
export interface WorkflowSwitches {
  readonly status?: Workflow['status'];
  readonly triggers?: Readonly<Partial<Record<TriggerKind, TriggerSwitch>>>;
  /** All of them; null for those of the installation. */
  readonly quotas?: WorkflowQuotas | null;
}

export interface TriggerSwitch {
  readonly enabled: boolean;
  /** Left as it is without one; null takes it away. */
  readonly filter?: JsonValue;
}

/** Only a workflow with this `lockVersion` is changed; undefined: whichever it has. */
export type IfVersion = number | undefined;

/** A workflow that was changed, made or deleted. */
export interface WorkflowChange {
  readonly id: string;
  readonly lockVersion: number;
  /** By MongoDB's clock, in milliseconds since 1970. */
  readonly changedAt: number;
}

/**
 * Workflows and their revisions. Every method rejects with `StoreUnavailableError` as those of
 * `ActivityStore` do. Those that change a workflow count its `lockVersion` up and move its
 * `changedAt`; they reject with `WorkflowNotFoundError`, and with `WorkflowChangedError` where it
 * has another version than was expected.
 */
export abstract class WorkflowStore {
  /** @throws WorkflowExistsError when the id is or was taken, or the name is */
  abstract create(workflow: Workflow, first: WorkflowRevision): Promise<void>;

  abstract get(id: string): Promise<Workflow | undefined>;

  /** By its name, which is one workflow's at a time. */
  abstract getByName(name: string): Promise<Workflow | undefined>;
  /**
   * The same for somebody who knows a version of it: `known` itself, if that is what is stored. The
   * store answers with the same bytes whether it has what is known, or never had such a workflow.
   */
  abstract getAgain(id: string, known: Workflow | undefined): Promise<Workflow | undefined>;

  /** Those of the ids that are workflows, by one look. */
  abstract existing(ids: readonly string[]): Promise<ReadonlySet<string>>;

  /**
   * The workflow that has the token, by its hash. For a hash that is nobody's this is one look into
   * an index, whichever workflows there are.
   */
  abstract getByToken(hash: string): Promise<Workflow | undefined>;

  /** All that have a token with this hash, by their ids; the first `limit`. */
  abstract listByToken(hash: string, limit: number): Promise<readonly Workflow[]>;

  /** Also of a workflow that was deleted: its activities go on. */
  abstract getRevision(id: string, revision: number): Promise<WorkflowRevision | undefined>;

  /**
   * By name; `limit` 1 to 100.
   * @throws CursorInvalidError
   */
  abstract list(page: { readonly limit: number; readonly cursor?: string }): Promise<WorkflowPage>;

  /**
   * Takes the content in the place of what was there. Another definition is a new revision; the same
   * one is not.
   * @throws WorkflowExistsError when the name is another one's
   */
  abstract replace(
    id: string,
    content: WorkflowContent,
    now: number,
    ifVersion: IfVersion,
  ): Promise<{ readonly workflow: Workflow; readonly revision: WorkflowRevision }>;

  abstract switch(id: string, switches: WorkflowSwitches, ifVersion: IfVersion): Promise<Workflow>;

  /** For good: the id is not free again, the name is. Revisions and activities stay. */
  abstract remove(id: string, ifVersion: IfVersion): Promise<void>;

  /**
   * @returns the new lock version, as of all that change what opens a workflow
   * @throws WorkflowTokensFullError when it has `WORKFLOW_TOKENS_MAX`
   */
  abstract addToken(id: string, token: WorkflowToken): Promise<number>;

  /** @throws TokenNotFoundError */
  abstract removeToken(id: string, tokenId: string): Promise<number>;

  /** @throws WorkflowSecretsFullError when it has `WORKFLOW_SECRETS_MAX` */
  abstract addSecret(id: string, secret: WorkflowSecret): Promise<number>;

  /** @throws SecretNotFoundError */
  abstract removeSecret(id: string, secretId: string): Promise<number>;

  /** Changes from `since` on, oldest first. */
  abstract changesSince(since: number, limit: number): Promise<readonly WorkflowChange[]>;

  /** When the last change was; undefined when there was none. */
  abstract lastChangeAt(): Promise<number | undefined>;
}
