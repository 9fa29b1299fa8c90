import { Schema } from 'mongoose';
import { STRICT_SCHEMA } from '../storage/strict-schema.js';
import {
  type TokenDocument,
  type WorkflowDocument,
  type WorkflowRevisionDocument,
} from './workflow-document.js';

export const WORKFLOW_MODEL = 'Workflow';
export const WORKFLOW_REVISION_MODEL = 'WorkflowRevision';

const labelSchema = new Schema({ name: String, value: String }, { ...STRICT_SCHEMA, _id: false });

const tokenSchema = new Schema<TokenDocument>(
  { id: String, label: String, prefix: String, hash: String, createdAt: Date, expiresAt: Date },
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
    latestRevision: Number,
    createdAt: Date,
  },
  { ...STRICT_SCHEMA, collection: 'workflows' },
);

/** A name is one workflow's; the list is in its order. */
workflowSchema.index({ name: 1 }, { name: 'name', unique: true });

export const workflowRevisionSchema = new Schema<WorkflowRevisionDocument>(
  {
    _id: String,
    workflowId: String,
    revision: Number,
    definition: String,
    contentHash: String,
    createdAt: Date,
  },
  { ...STRICT_SCHEMA, collection: 'workflow_revisions' },
);
