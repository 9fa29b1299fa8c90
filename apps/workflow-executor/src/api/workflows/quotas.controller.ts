import { WorkflowChanges } from '@app/messaging';
import {
  MongoLink,
  RunQuotas,
  type Workflow,
  WorkflowNotFoundError,
  WorkflowStore,
} from '@app/persistence';
import { Body, Controller, Get, Headers, Param, Put, Res } from '@nestjs/common';
import { IsInt, Max, Min, ValidateIf } from 'class-validator';
import { type FastifyReply } from 'fastify';
import { Permit } from '../../access/permission.js';
import { isoTime } from '../iso-time.js';
import { etagOf, versionIn } from './if-match.js';

const RUNS_MAX = 1_000_000_000;

export class QuotasBody {
  /** 0 sets no limit; null returns to the limit of the installation. */
  @ValidateIf(({ runsPerMonth }: QuotasBody) => runsPerMonth !== null)
  @IsInt()
  @Min(0)
  @Max(RUNS_MAX)
  readonly runsPerMonth!: number | null;
}

/** The quotas of a workflow and their use. */
interface QuotasView {
  /** Left out when no limit is set. */
  readonly runsPerMonth?: {
    /** Runs on record that were counted in this calendar month, in UTC. */
    readonly used: number;
    readonly of: number;
    readonly resetsAt: string;
    /** Whether the workflow sets the limit; otherwise the installation does. */
    readonly own: boolean;
  };
}

@Controller('api/v2/workflows')
export class QuotasController {
  constructor(
    private readonly workflows: WorkflowStore,
    private readonly changes: WorkflowChanges,
    private readonly quotas: RunQuotas,
    private readonly link: MongoLink,
  ) {}

  @Get(':id/quotas')
  @Permit('workflow:read', 'workflow')
  async get(
    @Param('id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<QuotasView> {
    const workflow = await this.workflows.get(id);
    if (!workflow) throw new WorkflowNotFoundError(id);
    void reply.header('ETag', etagOf(workflow));
    return this.#viewOf(workflow);
  }

  /** New limits count from the next run on; runs that were accepted without a quota are not counted. */
  @Put(':id/quotas')
  @Permit('quota:write', 'workflow')
  async put(
    @Param('id') id: string,
    @Body() { runsPerMonth }: QuotasBody,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<QuotasView> {
    const quotas = runsPerMonth === null ? null : { runsPerMonth };
    const workflow = await this.workflows.switch(id, { quotas }, versionIn(ifMatch, id));
    this.changes.publish(id, workflow.lockVersion);
    void reply.header('ETag', etagOf(workflow));
    return this.#viewOf(workflow);
  }

  async #viewOf(workflow: Workflow): Promise<QuotasView> {
    const use = await this.quotas.use(workflow, this.link.clock.now());
    if (!use) return {};
    const own = workflow.quotas?.runsPerMonth !== undefined;
    return { runsPerMonth: { ...use, resetsAt: isoTime(use.resetsAt), own } };
  }
}
