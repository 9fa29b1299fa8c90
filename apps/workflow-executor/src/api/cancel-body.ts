import { IsOptional, IsString, MaxLength } from 'class-validator';

export class CancelBody {
  /** Shown on the activity. */
  @IsOptional()
  @IsString()
  @MaxLength(1_000)
  readonly reason: string = 'by an administrator';
}
