import { type QueryFilter, type UpdateQuery } from 'mongoose';
import { parseJson, toJsonText } from '@app/json';
import { requirementsOf } from '@app/workflow-engine';
import {
  type Triggers,
  type Workflow,
  type WorkflowQuotas,
  type WorkflowRetention,
  type WorkflowRevision,
  type WorkflowSecret,
  type WorkflowToken,
} from './workflow.js';
import { fromStored, toStored, type StoredFields } from '../storage/stored-fields.js';
import { type WorkflowContent, type WorkflowSwitches } from './workflow-store.js';

/** A workflow as it is stored in MongoDB. */
export interface WorkflowDocument {
  readonly _id: string;
  readonly name: string;
  readonly displayName?: string;
  readonly description?: string;
  readonly status: Workflow['status'];
  /** By trigger kind. */
  readonly triggers: Readonly<Record<string, StoredFields>>;
  /** A list, because users make the names and BSON gives some keys a meaning. */
  readonly labels: readonly { readonly name: string; readonly value: string }[];
  readonly tokens: readonly TokenDocument[];
  readonly secrets?: readonly SecretDocument[];
  readonly latestRevision: number;
  /** Not in what release 0.1 wrote: it had nothing that any release lacks. */
  readonly requires?: readonly string[];
  readonly quotas?: WorkflowQuotas;
  readonly retention?: WorkflowRetention;
  /** Not in what release 0.1 wrote. */
  readonly lockVersion?: number;
  /** By MongoDB's clock. Absent if release 0.1 wrote the workflow and it was not changed since. */
  readonly changedAt?: Date;
  /** When the workflow was deleted. The remaining document reserves its id. */
  readonly deletedAt?: Date;
  readonly createdAt: Date;
}

export interface TokenDocument extends Omit<WorkflowToken, 'createdAt' | 'expiresAt'> {
  readonly createdAt: Date;
  readonly expiresAt?: Date;
}

export interface SecretDocument extends Omit<
  WorkflowSecret,
  'createdAt' | 'expiresAt' | 'options'
> {
  readonly options?: StoredFields;
  readonly createdAt: Date;
  readonly expiresAt?: Date;
}

export interface WorkflowRevisionDocument {
  /** `<workflowId>:<revision>` */
  readonly _id: string;
  readonly workflowId: string;
  readonly revision: number;
  /** JSON text, because users made it. */
  readonly definition: string;
  readonly contentHash: string;
  /** Not in what release 0.1 wrote. */
  readonly requires?: readonly string[];
  readonly createdAt: Date;
}

export function toWorkflowDocument(workflow: Workflow): WorkflowDocument {
  const { id, triggers, labels, tokens, secrets, createdAt, ...facts } = workflow;
  return {
    _id: id,
    ...facts,
    triggers: toTriggerFields(triggers),
    labels: toLabelFields(labels),
    tokens: tokens.map(toTokenDocument),
    ...(secrets && { secrets: secrets.map(toSecretDocument) }),
    createdAt: new Date(createdAt),
  };
}

export function toWorkflow(document: WorkflowDocument): Workflow {
  const { _id, triggers, labels, tokens, secrets = [], createdAt, ...fields } = document;
  const { lockVersion = 0, requires = [], ...others } = fields;
  const { changedAt: _changedAt, deletedAt: _deletedAt, ...facts } = others;
  return {
    id: _id,
    ...facts,
    lockVersion,
    requires,
    triggers: toTriggers(triggers),
    labels: Object.fromEntries(labels.map(({ name, value }) => [name, value])),
    tokens: tokens.map(toToken),
    ...(secrets.length > 0 && { secrets: secrets.map(toSecret) }),
    createdAt: createdAt.getTime(),
  };
}

function toLabelFields(labels: Workflow['labels']): WorkflowDocument['labels'] {
  return Object.entries(labels).map(([name, value]) => ({ name, value }));
}

function toTriggerFields(triggers: Triggers): WorkflowDocument['triggers'] {
  return Object.fromEntries(
    Object.entries(triggers).map(([kind, trigger]) => [kind, toStored(trigger)]),
  );
}

/** The kinds and fields are those that `toTriggerFields` was given. */
function toTriggers(triggers: WorkflowDocument['triggers']): Triggers {
  return Object.fromEntries(
    Object.entries(triggers).map(([kind, fields]) => [kind, fromStored(fields)]),
  );
}

export function toTokenDocument({ createdAt, expiresAt, ...token }: WorkflowToken): TokenDocument {
  return {
    ...token,
    createdAt: new Date(createdAt),
    ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt) }),
  };
}

function toToken({ createdAt, expiresAt, ...token }: TokenDocument): WorkflowToken {
  return {
    ...token,
    createdAt: createdAt.getTime(),
    ...(expiresAt && { expiresAt: expiresAt.getTime() }),
  };
}

export function toSecretDocument(secret: WorkflowSecret): SecretDocument {
  const { options, createdAt, expiresAt, ...facts } = secret;
  return {
    ...facts,
    ...(options && { options: toStored(options) }),
    createdAt: new Date(createdAt),
    ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt) }),
  };
}

function toSecret({ options, createdAt, expiresAt, ...facts }: SecretDocument): WorkflowSecret {
  return {
    ...facts,
    ...(options && { options: fromStored(options) as Record<string, string> }),
    createdAt: createdAt.getTime(),
    ...(expiresAt && { expiresAt: expiresAt.getTime() }),
  };
}

export function revisionDocumentId(workflowId: string, revision: number): string {
  return `${workflowId}:${revision}`;
}

export function toRevisionDocument(revision: WorkflowRevision): WorkflowRevisionDocument {
  return {
    ...revision,
    _id: revisionDocumentId(revision.workflowId, revision.revision),
    definition: toJsonText(revision.definition),
    createdAt: new Date(revision.createdAt),
  };
}

export function toRevision(document: WorkflowRevisionDocument): WorkflowRevision {
  const { workflowId, revision, contentHash, createdAt } = document;
  const definition = parseJson(document.definition) as unknown as WorkflowRevision['definition'];
  return {
    workflowId,
    revision,
    contentHash,
    requires: document.requires ?? requirementsOf(definition),
    definition,
    createdAt: createdAt.getTime(),
  };
}

/** The update that replaces the content of a workflow. */
export function toContentUpdate(
  content: WorkflowContent,
  latestRevision: number,
): Pick<UpdateQuery<WorkflowDocument>, '$set' | '$unset'> {
  const { name, displayName, description, triggers, labels, retention, requires } = content;
  return {
    $set: {
      name,
      triggers: toTriggerFields(triggers),
      labels: toLabelFields(labels),
      latestRevision,
      requires,
      ...(displayName !== undefined && { displayName }),
      ...(description !== undefined && { description }),
      ...(retention && { retention }),
    },
    $unset: {
      ...(displayName === undefined && { displayName: '' }),
      ...(description === undefined && { description: '' }),
      ...(!retention && { retention: '' }),
    },
  };
}

/** The update that sets the named members; null removes one. */
export function toSwitchUpdate({
  status,
  triggers = {},
  quotas,
  retention,
}: WorkflowSwitches): Pick<UpdateQuery<WorkflowDocument>, '$set' | '$unset'> {
  const given = Object.entries(triggers).flatMap(([kind, trigger]) =>
    Object.entries(toStored(trigger)).map(
      ([name, value]) => [`triggers.${kind}.${name}`, value] as const,
    ),
  );
  const $set = Object.fromEntries(given.filter(([, value]) => value !== null));
  const $unset = Object.fromEntries(given.filter(([, value]) => value === null));
  return {
    $set: {
      ...$set,
      ...(status && { status }),
      ...(quotas && { quotas }),
      ...(retention && { retention }),
    },
    $unset: {
      ...$unset,
      ...(quotas === null && { quotas: '' }),
      ...(retention === null && { retention: '' }),
    },
  };
}

/** @param ifVersion of what it has to be; what release 0.1 wrote has none, which is 0 */
export function living(id: string, ifVersion?: number): QueryFilter<WorkflowDocument> {
  const version = ifVersion === 0 ? { $exists: false } : ifVersion;
  return {
    _id: id,
    deletedAt: { $exists: false },
    ...(version !== undefined && { lockVersion: version }),
  };
}
