import { IsInt, Max, Min, ValidateIf } from 'class-validator';

const RUNS_MAX = 1_000_000_000;

export class QuotasBody {
  /** 0 sets no limit; null returns to the limit of the installation. */
  @ValidateIf(({ runsPerMonth }: QuotasBody) => runsPerMonth !== null)
  @IsInt()
  @Min(0)
  @Max(RUNS_MAX)
  readonly runsPerMonth!: number | null;
}
