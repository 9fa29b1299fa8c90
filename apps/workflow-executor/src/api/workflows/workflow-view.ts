import { IfGiven } from '@app/http';
import {
  type Triggers,
  type Workflow,
  type WorkflowQuotas,
  type WorkflowRevision,
  type WorkflowSecret,
  type WorkflowToken,
} from '@app/persistence';
import {
  shortForm,
  type ShortForm,
  typeForms,
  type WorkflowDefinition,
} from '@app/workflow-engine';
import { IsIn } from 'class-validator';
import { isoTime, isoTimeIf } from '../iso-time.js';
import { retentionView } from './retention.js';
import { TASK_TYPES_RUN } from '../../tasks/task-handler.js';

const SHORT_TYPES = typeForms(TASK_TYPES_RUN);

/** A workflow as a list shows it. Times are ISO 8601 in UTC; what is undefined is left out. */
export interface WorkflowSummary {
  readonly id: string;
  readonly name: string;
  readonly displayName: string | undefined;
  readonly description: string | undefined;
  readonly status: string;
  readonly triggers: Triggers;
  readonly labels: Readonly<Record<string, string>>;
  /** The workflow's own bounds; left out where those of the installation apply. */
  readonly quotas: WorkflowQuotas | undefined;
  /** The workflow's own times, by class; left out where those of the installation apply. */
  readonly retention: ReturnType<typeof retentionView> | undefined;
  /** The newest revision's number. */
  readonly revision: number;
  readonly createdAt: string;
  readonly tokens: readonly TokenView[];
  /** Left out where there is none. */
  readonly secrets: readonly SecretView[] | undefined;
}

/** A workflow with the tasks of its newest revision, in the long form or the short one. */
export type WorkflowView = WorkflowSummary & (WorkflowDefinition | ShortForm);

export const FORMS = ['long', 'short'] as const;
export type Form = (typeof FORMS)[number];

/** A token as the API shows it. Only the answer that made it has its text. */
export interface TokenView {
  readonly id: string;
  readonly label: string;
  readonly prefix: string;
  readonly createdAt: string;
  readonly expiresAt: string | undefined;
}

/** A secret as the API shows it. Only the answer that made it has its text. */
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
  const { quotas, retention } = workflow;
  return {
    id,
    name,
    displayName,
    description,
    status,
    triggers,
    labels,
    quotas,
    retention: retention && retentionView(retention),
    revision: workflow.latestRevision,
    createdAt: isoTime(workflow.createdAt),
    tokens: workflow.tokens.map(tokenView),
    secrets: workflow.secrets?.map(secretView),
  };
}

export function workflowView(
  workflow: Workflow,
  { definition }: WorkflowRevision,
  form: Form = 'long',
): WorkflowView {
  const summary = workflowSummary(workflow);
  return form === 'long'
    ? { ...summary, ...definition }
    : { ...summary, ...shortForm(definition, SHORT_TYPES) };
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

export class FormQuery {
  /** The form in which tasks and parameters are returned. */
  @IfGiven()
  @IsIn(FORMS)
  readonly form: Form = 'long';
}
