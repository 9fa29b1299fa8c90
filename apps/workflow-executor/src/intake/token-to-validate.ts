import { IfGiven } from '@app/http';
import { IsString, MaxLength } from 'class-validator';

export class TokenToValidate {
  @IfGiven()
  @IsString()
  @MaxLength(1_000)
  readonly token?: string;
}
