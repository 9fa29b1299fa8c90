import { createHash, randomBytes } from 'node:crypto';
import { mintToken } from '@app/auth';
import { toJsonText } from '@app/json';
import { WorkflowChanges } from '@app/messaging';
import {
  type Workflow,
  WorkflowNotFoundError,
  type WorkflowRevision,
  WorkflowStore,
} from '@app/persistence';
import { Body, Controller, Get, Header, Param, Post, Query, Res } from '@nestjs/common';
import { type FastifyReply } from 'fastify';
import { PageQuery } from './list-query.js';
import { type PostedWorkflow, readWorkflow } from './read-workflow.js';
import { TokenBody } from './token-body.js';
import {
  type TokenView,
  tokenView,
  type WorkflowSummary,
  workflowSummary,
  type WorkflowView,
  workflowView,
} from './workflow-view.js';

interface WorkflowsPage {
  readonly workflows: readonly WorkflowSummary[];
  readonly nextCursor: string | undefined;
}

/** The only time that the text of a token is shown. */
type NewTokenView = TokenView & { readonly token: string };

@Controller('api/v2/workflows')
export class WorkflowsController {
  constructor(
    private readonly workflows: WorkflowStore,
    private readonly changes: WorkflowChanges,
  ) {}

  @Post()
  async create(
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WorkflowView> {
    const { workflow, revision } = firstOf(readWorkflow(body), Date.now());
    await this.workflows.create(workflow, revision);
    this.changes.publish(workflow.id);
    void reply.header('Location', `/api/v2/workflows/${workflow.id}`);
    return workflowView(workflow, revision);
  }

  @Get()
  async list(@Query() query: PageQuery): Promise<WorkflowsPage> {
    const { workflows, nextCursor } = await this.workflows.list(query);
    return { workflows: workflows.map(workflowSummary), nextCursor };
  }

  @Get(':id')
  async get(@Param('id') id: string): Promise<WorkflowView> {
    const workflow = await this.workflows.get(id);
    const revision = workflow && (await this.workflows.getRevision(id, workflow.latestRevision));
    if (!workflow || !revision) throw new WorkflowNotFoundError(id);
    return workflowView(workflow, revision);
  }

  @Post(':id/tokens')
  @Header('Cache-Control', 'no-store')
  async addToken(@Param('id') id: string, @Body() body: TokenBody): Promise<NewTokenView> {
    const expiresAt = body.expiresAt === undefined ? undefined : Date.parse(body.expiresAt);
    const { text, token } = mintToken(body.label, Date.now(), expiresAt);
    await this.workflows.addToken(id, token);
    this.changes.publish(id);
    return { ...tokenView(token), token: text };
  }
}

/** A new workflow and its first revision. */
function firstOf(
  { head, definition }: PostedWorkflow,
  now: number,
): { readonly workflow: Workflow; readonly revision: WorkflowRevision } {
  const { id = randomBytes(12).toString('hex'), triggers = {}, labels = {}, ...named } = head;
  const contentHash = createHash('sha256').update(toJsonText(definition)).digest('hex');
  return {
    workflow: {
      id,
      ...named,
      status: 'active',
      triggers,
      labels,
      tokens: [],
      latestRevision: 1,
      createdAt: now,
    },
    revision: { workflowId: id, revision: 1, definition, contentHash, createdAt: now },
  };
}
