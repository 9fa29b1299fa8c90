import { randomUUID } from 'node:crypto';
import { retryActivityIdOf } from '@app/events';
import { IfGiven } from '@app/http';
import {
  type Activity,
  ActivityEndedError,
  ActivityNotFoundError,
  ActivityStore,
  MongoLink,
  WorkflowStore,
} from '@app/persistence';
import { isFinal, secretParamsOf } from '@app/workflow-engine';
import {
  Body,
  Controller,
  Get,
  HttpCode,
  HttpStatus,
  Param,
  Post,
  Query,
  Req,
} from '@nestjs/common';
import { IsString, MaxLength } from 'class-validator';
import { type FastifyRequest } from 'fastify';
import { Permit, principalOf } from '../../access/permission.js';
import { SignalDelivery } from '../../runs/signals/signal-delivery.js';
import {
  type ActivitySummary,
  activitySummary,
  type ActivityView,
  activityView,
  withoutSecrets,
} from './activity-view.js';
import { type ChildView, childView } from './children-view.js';
import { LockHolders } from './lock-holders.js';
import { mapItems, type MapItemsPage } from './map-items.js';
import { ActivitiesQuery, PageQuery } from '../list-query.js';

interface ActivitiesPage {
  readonly activities: readonly ActivitySummary[];
  readonly nextCursor: string | undefined;
}

class CancelBody {
  /** Shown on the activity. */
  @IfGiven()
  @IsString()
  @MaxLength(1_000)
  readonly reason: string = 'by an administrator';
}

/** The activities: what happened to each accepted event. */
@Controller('api/v2/activities')
export class ActivitiesController {
  constructor(
    private readonly activities: ActivityStore,
    private readonly signals: SignalDelivery,
    private readonly link: MongoLink,
    private readonly workflows: WorkflowStore,
    private readonly lockHolders: LockHolders,
  ) {}

  @Get()
  @Permit('activity:read', 'installation')
  async list(@Query() { refused, ...query }: ActivitiesQuery): Promise<ActivitiesPage> {
    const { activities, nextCursor } = await this.activities.list({
      ...query,
      refused: refused === 'true',
    });
    return { activities: activities.map(activitySummary), nextCursor };
  }

  @Get(':id')
  @Permit('activity:read', 'activity')
  async get(@Param('id') id: string, @Req() request: FastifyRequest): Promise<ActivityView> {
    const activity = await this.activities.get(id);
    if (!activity) throw new ActivityNotFoundError(id);
    const view = activityView(activity, await this.#retriedAs(activity));
    const shown = await this.lockHolders.addTo(view, activity, principalOf(request));
    return withoutSecrets(shown, activity, await this.#secretParamsOf(activity));
  }

  async #secretParamsOf({ workflowId, workflowRevision }: Activity): Promise<ReadonlySet<string>> {
    const revision = await this.workflows.getRevision(workflowId, workflowRevision);
    return secretParamsOf(revision?.definition.params);
  }

  /** The id of the retry of an activity. Only an activity that has ended can have one. */
  async #retriedAs({ id, status, retryOf }: Activity): Promise<string | undefined> {
    if (!isFinal(status)) return undefined;
    const next = retryActivityIdOf(retryOf?.first ?? id, (retryOf?.attempt ?? 1) + 1);
    return (await this.activities.statusOf(next)) === undefined ? undefined : next;
  }

  /** The runs that its tasks have begun, oldest first, of any workflow. */
  @Get(':id/children')
  @Permit('activity:read', 'activity')
  async children(
    @Param('id') id: string,
    @Query() query: PageQuery,
  ): Promise<{ readonly children: readonly ChildView[]; readonly nextCursor: string | undefined }> {
    if ((await this.activities.statusOf(id)) === undefined) throw new ActivityNotFoundError(id);
    const { children, nextCursor } = await this.activities.children(id, query);
    return { children: children.map(childView), nextCursor };
  }

  /** The runs that a task of the type `map` has begun for its items, with their results, in the order of the list. */
  @Get(':id/tasks/:task/items')
  @Permit('activity:read', 'activity')
  items(
    @Param('id') id: string,
    @Param('task') task: string,
    @Query() query: PageQuery,
  ): Promise<MapItemsPage> {
    const { activities, workflows } = this;
    return mapItems({ activities, workflows }, id, task, query);
  }

  /**
   * Answers when the cancellation is on record and does not wait for its effect: the driver of the activity is
   * notified and ends it.
   */
  @Post(':id/cancel')
  @Permit('activity:cancel', 'activity')
  @HttpCode(HttpStatus.ACCEPTED)
  async cancel(
    @Param('id') id: string,
    @Body() { reason }: CancelBody,
    @Req() request: FastifyRequest,
  ): Promise<{ readonly id: string }> {
    const at = this.link.clock.now();
    const by = principalOf(request)?.label ?? 'nobody';
    const signal = { id: randomUUID(), kind: 'cancel', reason, by, at } as const;
    const outcome = await this.activities.signal(id, signal);
    if (outcome === 'not-found') throw new ActivityNotFoundError(id);
    if (outcome === 'final') throw new ActivityEndedError(id);
    this.signals.deliver(id);
    return { id };
  }
}
