import { WORKFLOW_ID } from '@app/events';
import { IfGiven } from '@app/http';
import { DECISION_OUTCOMES, type DecisionOutcome } from '@app/persistence';
import { IsIn, IsISO8601, Matches, MaxLength } from 'class-validator';
import { PageQuery } from '../list-query.js';

/** Filters of the list of decisions; each narrows it. */
export class DecisionsQuery extends PageQuery {
  @IfGiven()
  @MaxLength(8_192)
  readonly eventId?: string;

  @IfGiven()
  @MaxLength(8_192)
  readonly source?: string;

  @IfGiven()
  @Matches(WORKFLOW_ID)
  readonly workflowId?: string;

  @IfGiven()
  @IsIn(DECISION_OUTCOMES)
  readonly outcome?: DecisionOutcome;

  @IfGiven()
  @IsISO8601({ strict: true })
  readonly since?: string;

  @IfGiven()
  @IsISO8601({ strict: true })
  readonly until?: string;
}
