import { WORKFLOW_ID } from '@app/events';
import { ACTIVITY_STATUSES, type ActivityStatus } from '@app/workflow-engine';
import { IfGiven } from '@app/http';
import { Transform } from 'class-transformer';
import { IsIn, IsInt, Matches, Max, MaxLength, Min } from 'class-validator';

const LIMIT_DEFAULT = 20;

/** Only digits: JavaScript would also take ` 1`, `1e1` and `0x10` for numbers. */
const DIGITS = /^\d+$/;

function numberOf(value: unknown): unknown {
  return typeof value === 'string' && DIGITS.test(value) ? Number(value) : value;
}

/** The query of every list: newest or first come first, a page at a time. */
export class PageQuery {
  @IfGiven()
  @Transform(({ value }: { readonly value: unknown }) => numberOf(value))
  @IsInt()
  @Min(1)
  @Max(100)
  readonly limit: number = LIMIT_DEFAULT;

  /** `nextCursor` of the page before. */
  @IfGiven()
  @MaxLength(512)
  readonly cursor?: string;
}

export class ActivitiesQuery extends PageQuery {
  @IfGiven()
  @Matches(WORKFLOW_ID)
  readonly workflowId?: string;

  @IfGiven()
  @IsIn(ACTIVITY_STATUSES)
  readonly status?: ActivityStatus;

  /** `true` lists the rejected requests, which are no runs; otherwise they are left out. */
  @IfGiven()
  @IsIn(['true', 'false'])
  readonly refused: 'true' | 'false' = 'false';
}
