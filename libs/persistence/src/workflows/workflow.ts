import { type TriggerKind } from '@app/events';
import { type JsonValue } from '@app/json';
import { type WorkflowDefinition } from '@app/workflow-engine';
import { type RetentionClass } from '../retention/retention-classes.js';

/** A credential of one workflow. Its text is shown once and stored nowhere. */
export interface WorkflowToken {
  readonly id: string;
  readonly label: string;
  /** The first characters of the text, to tell tokens apart. */
  readonly prefix: string;
  /** SHA-256 of the text, 64 hex digits. */
  readonly hash: string;
  readonly createdAt: number;
  readonly expiresAt?: number;
}

/** A secret with which a sender signs webhooks. Its text is stored encrypted, and shown once. */
export interface WorkflowSecret {
  readonly id: string;
  readonly label: string;
  /** Whose signatures are made with it, such as `github`. */
  readonly provider: string;
  /** The text as `libs/auth` has encrypted it. */
  readonly encrypted: string;
  /** How it is used, where the provider leaves that open. */
  readonly options?: Readonly<Record<string, string>>;
  readonly createdAt: number;
  readonly expiresAt?: number;
}

export interface Trigger {
  readonly enabled: boolean;
  /** Which events it takes, as `libs/filters` reads it; without one, all. */
  readonly filter?: JsonValue;
}

export type Triggers = Readonly<Partial<Record<TriggerKind, Trigger>>>;

/** The quotas of one workflow; the installation's apply to absent ones. */
export interface WorkflowQuotas {
  /** Runs in a calendar month (UTC); 0 sets no limit. */
  readonly runsPerMonth?: number;
}

/** How long ended activities of each class are kept, in milliseconds; the installation's time applies to absent classes. */
export type WorkflowRetention = Readonly<Partial<Record<RetentionClass, number>>>;

/** What to run and who may start it. The tasks are in its revisions. */
export interface Workflow {
  readonly id: string;
  /** Kebab-case, unique. */
  readonly name: string;
  readonly displayName?: string;
  readonly description?: string;
  readonly status: 'active' | 'inactive' | 'retired';
  /** A trigger that is absent is off, except `manual`. */
  readonly triggers: Triggers;
  readonly labels: Readonly<Record<string, string>>;
  readonly tokens: readonly WorkflowToken[];
  /** Absent where there is none. */
  readonly secrets?: readonly WorkflowSecret[];
  /** The number of the newest revision; from 1. */
  readonly latestRevision: number;
  /** The features that its newest revision requires. */
  readonly requires: readonly string[];
  /** Absent if the installation's quotas apply. */
  readonly quotas?: WorkflowQuotas;
  /** Absent if the installation's retention applies to all classes. */
  readonly retention?: WorkflowRetention;
  /** Raised by every change of the workflow or its tokens. 0 for a workflow stored before it was kept. */
  readonly lockVersion: number;
  readonly createdAt: number;
}

/** An immutable version of a workflow's tasks. */
export interface WorkflowRevision {
  readonly workflowId: string;
  readonly revision: number;
  readonly definition: WorkflowDefinition;
  /** SHA-256 of the definition, 64 hex digits. */
  readonly contentHash: string;
  /** The features that a build needs to run it, by the build that saved it (`requirementsOf`). */
  readonly requires: readonly string[];
  readonly createdAt: number;
}
