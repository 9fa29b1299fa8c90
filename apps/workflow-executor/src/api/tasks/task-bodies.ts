import { IfGiven } from '@app/http';
import { type JsonObject } from '@app/json';
import { IsIn, IsObject, IsString, MaxLength } from 'class-validator';

const VERDICTS = ['approved', 'rejected'] as const;

export class VoteBody {
  @IsIn(VERDICTS)
  readonly verdict!: (typeof VERDICTS)[number];

  /** Kept on record with the vote. */
  @IfGiven()
  @IsString()
  @MaxLength(2_000)
  readonly comment?: string;
}

export class OperateBody {
  /** Kept on record. */
  @IfGiven()
  @IsString()
  @MaxLength(1_000)
  readonly reason: string = 'no reason was given';
}

export class OutcomeBody extends OperateBody {
  /** The results of the task. */
  @IfGiven()
  @IsObject()
  readonly results?: JsonObject;
}
