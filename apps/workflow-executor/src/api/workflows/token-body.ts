import { WORKFLOW_TOKEN } from '@app/auth';
import { IfGiven } from '@app/http';
import { applyDecorators } from '@nestjs/common';
import { IsISO8601, IsString, Length, Matches, ValidateBy } from 'class-validator';

/** A date, which begins at midnight UTC, or a date and time that says its offset. */
const INSTANT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/;

/** Text without zero-width and control characters and unpaired surrogates: names that differ only in them look alike. */
const VISIBLE = /^[^\p{Default_Ignorable_Code_Point}\p{C}]+$/u;

export class TokenBody {
  /** The person or service that will use it. */
  @IsString()
  @Length(1, 100)
  @Visible()
  readonly label!: string;

  /** The text of a token of another workflow, to let it start this one as well; without it, a new text. */
  @IfGiven()
  @Matches(WORKFLOW_TOKEN, { message: 'must be a token of a workflow, as it was shown' })
  readonly token?: string;

  /** ISO 8601, in the future; without it the token does not expire. */
  @LivesUntil()
  readonly expiresAt?: string;
}

/** Refuses a text, or each of a list, that has characters which can't be seen. */
export function Visible({ each = false } = {}): PropertyDecorator {
  return Matches(VISIBLE, {
    each,
    message: 'must have no invisible characters (control, zero width)',
  });
}

/** Checks when a credential expires. */
export function LivesUntil(): PropertyDecorator {
  return applyDecorators(
    IfGiven(),
    IsISO8601({ strict: true }),
    Matches(INSTANT, { message: 'must be like 2030-01-31 or 2030-01-31T12:00:00Z' }),
    ValidateBy(
      { name: 'toCome', validator: { validate: isNotPast } },
      { message: 'must be in the future' },
    ),
  );
}

/** Whether the instant is in the future. True for a text that is no time: another validator reports it. */
function isNotPast(text: unknown): boolean {
  return typeof text !== 'string' || !(Date.parse(text) <= Date.now());
}
