import { createHash } from 'node:crypto';
import { hashOf, mintToken } from '@app/auth';
import { type FilterLimits, filterLimits } from '@app/filters';
import { BodyInvalidError } from '@app/http';
import { toJsonText } from '@app/json';
import { WorkflowChanges } from '@app/messaging';
import {
  type Workflow,
  type WorkflowContent,
  WorkflowNotFoundError,
  type WorkflowRevision,
  WorkflowStore,
} from '@app/persistence';
import { requirementsOf, type WorkflowDefinition } from '@app/workflow-engine';
import {
  Body,
  Controller,
  Delete,
  Get,
  Header,
  Headers,
  HttpCode,
  HttpStatus,
  Param,
  Patch,
  Post,
  Put,
  Query,
  Req,
  Res,
} from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { auditGranted } from '../../access/audit.js';
import { Permit } from '../../access/permission.js';
import { ScriptCheck } from '../../tasks/script/script-check.js';
import { WorkflowExecutorConfig } from '../../workflow-executor.config.js';
import { checkScripts } from './check-scripts.js';
import { etagOf, requiredVersionIn, versionIn } from './if-match.js';
import { PageQuery } from '../list-query.js';
import {
  FormQuery,
  tokenView,
  type TokenView,
  type WorkflowSummary,
  workflowSummary,
  workflowView,
  type WorkflowView,
} from './workflow-view.js';
import { readSwitches } from './read-switches.js';
import { FromQuery, type PostedWorkflow, readWorkflow } from './read-workflow.js';
import { TokenBody } from './token-body.js';

interface WorkflowsPage {
  readonly workflows: readonly WorkflowSummary[];
  readonly nextCursor: string | undefined;
}

/** The text of a new token. No other answer shows it. */
type NewTokenView = TokenView & { readonly token: string };

@Controller('api/v2/workflows')
export class WorkflowsController {
  readonly #filters: FilterLimits;

  constructor(
    private readonly workflows: WorkflowStore,
    private readonly changes: WorkflowChanges,
    private readonly config: WorkflowExecutorConfig,
    private readonly scripts: ScriptCheck,
  ) {
    this.#filters = filterLimits(config);
  }

  @Post()
  @Permit('workflow:write', 'installation')
  async create(
    @Body() body: unknown,
    @Query() { from }: FromQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WorkflowView> {
    const posted = await this.#read(body, from);
    const { workflow, revision } = firstOf(posted, Date.now());
    await this.workflows.create(workflow, revision);
    this.changes.publish(workflow.id, workflow.lockVersion);
    void reply.headers({ Location: `/api/v2/workflows/${workflow.id}`, ETag: etagOf(workflow) });
    return workflowView(workflow, revision);
  }

  /** @throws BodyInvalidError with everything that is wrong; what is wrong in scripts, once the rest is right */
  async #read(body: unknown, from: FromQuery['from']): Promise<PostedWorkflow> {
    const posted = readWorkflow(body, this.config.usesNats, this.#filters, from);
    await checkScripts(posted.definition, body, this.scripts);
    return posted;
  }

  @Get()
  @Permit('workflow:read', 'installation')
  async list(@Query() query: PageQuery): Promise<WorkflowsPage> {
    const { workflows, nextCursor } = await this.workflows.list(query);
    return { workflows: workflows.map(workflowSummary), nextCursor };
  }

  @Get(':id')
  @Permit('workflow:read', 'workflow')
  async get(
    @Param('id') id: string,
    @Query() { form }: FormQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WorkflowView> {
    const workflow = await this.workflows.get(id);
    const revision = workflow && (await this.workflows.getRevision(id, workflow.latestRevision));
    if (!workflow || !revision) throw new WorkflowNotFoundError(id);
    void reply.header('ETag', etagOf(workflow));
    return workflowView(workflow, revision, form);
  }

  /**
   * Replaces the workflow by the body; members that are left out are removed. Changed tasks make a new revision; runs
   * that have begun keep theirs. Status and tokens stay.
   */
  @Put(':id')
  @Permit('workflow:write', 'workflow')
  async replace(
    @Param('id') id: string,
    @Body() body: unknown,
    @Query() { from }: FromQuery,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WorkflowView> {
    const ifVersion = requiredVersionIn(ifMatch, id);
    const posted = await this.#read(body, from);
    const content = contentOf(posted, id);
    const { workflow, revision } = await this.workflows.replace(id, content, Date.now(), ifVersion);
    this.changes.publish(id, workflow.lockVersion);
    void reply.header('ETag', etagOf(workflow));
    return workflowView(workflow, revision);
  }

  /** Switches the workflow or its triggers on or off, changes their filters or its retention, with or without `If-Match`. */
  @Patch(':id')
  @Permit('workflow:write', 'workflow')
  async switch(
    @Param('id') id: string,
    @Body() body: unknown,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WorkflowSummary> {
    const workflow = await this.workflows.switch(
      id,
      readSwitches(body, this.#filters),
      versionIn(ifMatch, id),
    );
    this.changes.publish(id, workflow.lockVersion);
    void reply.header('ETag', etagOf(workflow));
    return workflowSummary(workflow);
  }

  /** Retires the workflow for good. Accepted events run to their end; later ones are refused. */
  @Delete(':id')
  @Permit('workflow:write', 'workflow')
  @HttpCode(HttpStatus.NO_CONTENT)
  async remove(
    @Param('id') id: string,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<void> {
    await this.workflows.remove(id, versionIn(ifMatch, id));
    this.changes.publish(id);
  }

  @Post(':id/tokens')
  @Permit('token:write', 'workflow')
  @Header('Cache-Control', 'no-store')
  async addToken(
    @Param('id') id: string,
    @Body() body: TokenBody,
    @Req() request: FastifyRequest,
  ): Promise<NewTokenView> {
    const expiresAt = body.expiresAt === undefined ? undefined : Date.parse(body.expiresAt);
    if (body.token !== undefined && !(await this.workflows.getByToken(hashOf(body.token)))) {
      const detail = 'is the token of no workflow; leave it out for a new one';
      throw new BodyInvalidError('Only an existing token can be shared', [
        { path: 'token', detail },
      ]);
    }
    const { text, token } = mintToken(body.label, Date.now(), expiresAt, body.token);
    this.changes.publish(id, await this.workflows.addToken(id, token));
    const view = tokenView(token);
    auditGranted(request, view);
    return { ...view, token: text };
  }

  /** Removes the token. Requests with it are refused from now on; events that were accepted with it still run. */
  @Delete(':id/tokens/:tokenId')
  @Permit('token:write', 'workflow')
  @HttpCode(HttpStatus.NO_CONTENT)
  async removeToken(@Param('id') id: string, @Param('tokenId') tokenId: string): Promise<void> {
    this.changes.publish(id, await this.workflows.removeToken(id, tokenId));
  }
}

/** A new workflow and its first revision. */
function firstOf(
  { head, retention, definition }: PostedWorkflow,
  now: number,
): { readonly workflow: Workflow; readonly revision: WorkflowRevision } {
  const { id = head.name, triggers = {}, labels = {}, ...named } = head;
  const contentHash = contentHashOf(definition);
  const requires = requirementsOf(definition);
  return {
    workflow: {
      id,
      ...named,
      status: 'active',
      triggers,
      labels,
      ...(retention && { retention }),
      tokens: [],
      latestRevision: 1,
      requires,
      lockVersion: 1,
      createdAt: now,
    },
    revision: { workflowId: id, revision: 1, definition, contentHash, requires, createdAt: now },
  };
}

/** @throws BodyInvalidError when the body names another id than the URL */
function contentOf({ head, retention, definition }: PostedWorkflow, id: string): WorkflowContent {
  const { id: named = id, triggers = {}, labels = {}, ...names } = head;
  if (named !== id) {
    const problem = { path: 'id', detail: 'must be the one in the URL, or left out' };
    throw new BodyInvalidError('A workflow keeps its id', [problem]);
  }
  const contentHash = contentHashOf(definition);
  const requires = requirementsOf(definition);
  const beside = { triggers, labels, ...(retention && { retention }) };
  return { ...names, ...beside, definition, contentHash, requires };
}

function contentHashOf(definition: WorkflowDefinition): string {
  return createHash('sha256').update(toJsonText(definition)).digest('hex');
}
