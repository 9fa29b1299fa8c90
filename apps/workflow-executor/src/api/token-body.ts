import { IsISO8601, IsOptional, IsString, Length } from 'class-validator';

export class TokenBody {
  /** Who or what will use it. */
  @IsString()
  @Length(1, 100)
  readonly label!: string;

  /** ISO 8601; without it the token does not expire. */
  @IsOptional()
  @IsISO8601({ strict: true })
  readonly expiresAt?: string;
}
