import { IfGiven } from '@app/http';
import { IsString, MaxLength } from 'class-validator';

export class CancelBody {
  /** Shown on the activity. */
  @IfGiven()
  @IsString()
  @MaxLength(1_000)
  readonly reason: string = 'by an administrator';
}
