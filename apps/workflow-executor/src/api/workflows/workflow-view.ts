import {
  type Triggers,
  type Workflow,
  type WorkflowRevision,
  type WorkflowSecret,
  type WorkflowToken,
} from '@app/persistence';
import { type WorkflowDefinition } from '@app/workflow-engine';
import { isoTime, isoTimeIf } from '../iso-time.js';

/** A workflow as a list shows it. Times are ISO 8601 in UTC; what is undefined is left out. */
export interface WorkflowSummary {
  readonly id: string;
  readonly name: string;
  readonly displayName: string | undefined;
  readonly description: string | undefined;
  readonly status: string;
  readonly triggers: Triggers;
  readonly labels: Readonly<Record<string, string>>;
  /** The newest revision's number. */
  readonly revision: number;
  readonly createdAt: string;
  readonly tokens: readonly TokenView[];
  /** Left out where there is none. */
  readonly secrets: readonly SecretView[] | undefined;
}

/** A workflow with the tasks of its newest revision. */
export type WorkflowView = WorkflowSummary & WorkflowDefinition;

/** What can be told of a token; its text is shown once, when it is made. */
export interface TokenView {
  readonly id: string;
  readonly label: string;
  readonly prefix: string;
  readonly createdAt: string;
  readonly expiresAt: string | undefined;
}

/** What can be told of a secret; its text is shown once, when it is made here. */
export interface SecretView {
  readonly id: string;
  readonly label: string;
  readonly provider: string;
  readonly options: Readonly<Record<string, string>> | undefined;
  readonly createdAt: string;
  readonly expiresAt: string | undefined;
}

export function workflowSummary(workflow: Workflow): WorkflowSummary {
  const { id, name, displayName, description, status, triggers, labels } = workflow;
  return {
    id,
    name,
    displayName,
    description,
    status,
    triggers,
    labels,
    revision: workflow.latestRevision,
    createdAt: isoTime(workflow.createdAt),
    tokens: workflow.tokens.map(tokenView),
    secrets: workflow.secrets?.map(secretView),
  };
}

export function workflowView(workflow: Workflow, revision: WorkflowRevision): WorkflowView {
  return { ...workflowSummary(workflow), ...revision.definition };
}

export function tokenView({ id, label, prefix, createdAt, expiresAt }: WorkflowToken): TokenView {
  return { id, label, prefix, createdAt: isoTime(createdAt), expiresAt: isoTimeIf(expiresAt) };
}

export function secretView(secret: WorkflowSecret): SecretView {
  const { id, label, provider, options, createdAt, expiresAt } = secret;
  return {
    id,
    label,
    provider,
    options,
    createdAt: isoTime(createdAt),
    expiresAt: isoTimeIf(expiresAt),
  };
}
