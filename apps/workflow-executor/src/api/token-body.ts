import { IfGiven } from '@app/http';
import { IsISO8601, IsString, Length, Matches } from 'class-validator';

/** A date, which begins at midnight UTC, or a date and time that says its offset. */
const INSTANT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/;

export class TokenBody {
  /** Who or what will use it. */
  @IsString()
  @Length(1, 100)
  readonly label!: string;

  /** ISO 8601; without it the token does not expire. */
  @IfGiven()
  @IsISO8601({ strict: true })
  @Matches(INSTANT, { message: 'must be like 2030-01-31 or 2030-01-31T12:00:00Z' })
  readonly expiresAt?: string;
}
