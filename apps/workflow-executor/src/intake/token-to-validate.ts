import { IsOptional, IsString, MaxLength } from 'class-validator';

export class TokenToValidate {
  @IsOptional()
  @IsString()
  @MaxLength(1_000)
  readonly token?: string;
}
