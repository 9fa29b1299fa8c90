import { activityIdOf } from '@app/events';
import { BodyInvalidError } from '@app/http';
import { ActivityStore, DecisionStore } from '@app/persistence';
import { Controller, Get, Query } from '@nestjs/common';
import { Permit } from '../../access/permission.js';
import { acceptedView, decisionView, type DecisionView } from './decision-view.js';
import { DecisionsQuery } from './decisions-query.js';

interface DecisionsPage {
  readonly decisions: readonly DecisionView[];
  readonly nextCursor: string | undefined;
}

/** Why an event did or did not run (docs/decisions.md). */
@Controller('api/v2/decisions')
export class DecisionsController {
  constructor(
    private readonly decisions: DecisionStore,
    private readonly activities: ActivityStore,
  ) {}

  @Get()
  @Permit('activity:read', 'installation')
  async list(@Query() query: DecisionsQuery): Promise<DecisionsPage> {
    const { since, until, ...rest } = query;
    requireMoreThanSource(query);
    const { records, nextCursor } = await this.decisions.list({
      ...rest,
      ...(since !== undefined && { since: Date.parse(since) }),
      ...(until !== undefined && { until: Date.parse(until) }),
    });
    const decisions = records.map(decisionView);
    // The event that began an activity is its oldest decision, so it is on the last page.
    const isKnown =
      nextCursor !== undefined || decisions.some(({ outcome }) => outcome === 'accepted');
    const accepted = isKnown ? undefined : await this.#acceptedFor(query);
    return { decisions: accepted ? [...decisions, accepted] : decisions, nextCursor };
  }

  /** Where workflow, source and id name one event, its activity proves that it was accepted. */
  async #acceptedFor(query: DecisionsQuery): Promise<DecisionView | undefined> {
    const { workflowId, source, eventId, outcome = 'accepted', since, until } = query;
    if (workflowId === undefined || source === undefined || eventId === undefined) return undefined;
    if (outcome !== 'accepted') return undefined;
    const activity = await this.activities.get(activityIdOf(workflowId, source, eventId));
    if (!activity || activity.refusal) return undefined;
    const isAsked =
      (since === undefined || activity.createdAt >= Date.parse(since)) &&
      (until === undefined || activity.createdAt <= Date.parse(until));
    return isAsked ? acceptedView(activity) : undefined;
  }
}

/** No index begins with the source: a query by source alone would read all decisions. */
function requireMoreThanSource({ source, eventId, workflowId }: DecisionsQuery): void {
  if (source === undefined || eventId !== undefined || workflowId !== undefined) return;
  const detail = 'must come with eventId or workflowId';
  throw new BodyInvalidError('The query is not valid', [{ path: 'source', detail }]);
}
