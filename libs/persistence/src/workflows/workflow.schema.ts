import { Schema } from 'mongoose';
import { STRICT_SCHEMA } from '../storage/strict-schema.js';
import {
  type SecretDocument,
  type TokenDocument,
  type WorkflowDocument,
  type WorkflowRevisionDocument,
} from './workflow-document.js';

export const WORKFLOW_MODEL = 'Workflow';
export const WORKFLOWS = 'workflows';
export const WORKFLOW_REVISION_MODEL = 'WorkflowRevision';

const labelSchema = new Schema({ name: String, value: String }, { ...STRICT_SCHEMA, _id: false });

const tokenSchema = new Schema<TokenDocument>(
  { id: String, label: String, prefix: String, hash: String, createdAt: Date, expiresAt: Date },
  { ...STRICT_SCHEMA, _id: false },
);

const secretSchema = new Schema<SecretDocument>(
  {
    id: String,
    label: String,
    provider: String,
    encrypted: String,
    options: Schema.Types.Mixed,
    createdAt: Date,
    expiresAt: Date,
  },
  { ...STRICT_SCHEMA, _id: false },
);

export const workflowSchema = new Schema<WorkflowDocument>(
  {
    _id: String,
    name: String,
    displayName: String,
    description: String,
    status: String,
    triggers: Schema.Types.Mixed,
    labels: [labelSchema],
    tokens: [tokenSchema],
    secrets: { type: [secretSchema], default: undefined },
    latestRevision: Number,
    requires: { type: [String], default: undefined },
    quotas: Schema.Types.Mixed,
    retention: Schema.Types.Mixed,
    lockVersion: Number,
    createdAt: Date,
    changedAt: Date,
    deletedAt: Date,
  },
  { ...STRICT_SCHEMA, collection: WORKFLOWS },
);

/** A name is one workflow's; the list is in its order. */
workflowSchema.index({ name: 1 }, { name: 'name', unique: true });

/** Whose token it is: asked before a token is refused, whether or not there is the workflow. */
workflowSchema.index({ 'tokens.hash': 1 }, { name: 'token_hash' });

/** What changed lately: asked by every process all the time. */
workflowSchema.index({ changedAt: 1 }, { name: 'changed_at' });

export const workflowRevisionSchema = new Schema<WorkflowRevisionDocument>(
  {
    _id: String,
    workflowId: String,
    revision: Number,
    definition: String,
    contentHash: String,
    requires: { type: [String], default: undefined },
    createdAt: Date,
  },
  { ...STRICT_SCHEMA, collection: 'workflow_revisions' },
);
