import { randomBytes, randomUUID } from 'node:crypto';
import { SecretKeys } from '@app/auth';
import { WorkflowChanges } from '@app/messaging';
import { type WorkflowSecret, WorkflowStore } from '@app/persistence';
import {
  Body,
  Controller,
  Delete,
  Header,
  HttpCode,
  HttpStatus,
  Param,
  Post,
  Req,
} from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import { auditGranted } from '../../access/audit.js';
import { Permit } from '../../access/permission.js';
import { SecretBody } from './secret-body.js';
import { type SecretView, secretView } from '../workflows/workflow-view.js';

/** The text of a new secret. No other answer shows it, and this one only if the executor generated it. */
type NewSecretView = SecretView & { readonly secret: string | undefined };

const SECRET_BYTES = 32;

/** Secrets with which the senders of webhooks sign. */
@Controller('api/v2/workflows')
export class SecretsController {
  constructor(
    private readonly workflows: WorkflowStore,
    private readonly changes: WorkflowChanges,
    private readonly keys: SecretKeys,
  ) {}

  @Post(':id/secrets')
  @Permit('token:write', 'workflow')
  @Header('Cache-Control', 'no-store')
  async add(
    @Param('id') workflowId: string,
    @Body() body: SecretBody,
    @Req() request: FastifyRequest,
  ): Promise<NewSecretView> {
    const { label, provider, options, expiresAt } = body;
    const made = body.secret === undefined ? newSecret() : undefined;
    const id = randomUUID();
    const encrypted = this.keys.encrypt(body.secret ?? made ?? '', { workflowId, secretId: id });
    const secret: WorkflowSecret = {
      id,
      label,
      provider,
      encrypted,
      ...(options && { options }),
      createdAt: Date.now(),
      ...(expiresAt !== undefined && { expiresAt: Date.parse(expiresAt) }),
    };
    const lockVersion = await this.workflows.addSecret(workflowId, secret);
    this.changes.publish(workflowId, lockVersion);
    const view = secretView(secret);
    auditGranted(request, view);
    return { ...view, secret: made };
  }

  /** Removes the secret. Requests signed with it are refused from now on; accepted events still run. */
  @Delete(':id/secrets/:secretId')
  @Permit('token:write', 'workflow')
  @HttpCode(HttpStatus.NO_CONTENT)
  async remove(@Param('id') id: string, @Param('secretId') secretId: string): Promise<void> {
    this.changes.publish(id, await this.workflows.removeSecret(id, secretId));
  }
}

/** Generates a secret in the form of Standard Webhooks, which every other provider accepts as a text. */
function newSecret(): string {
  return `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
}
