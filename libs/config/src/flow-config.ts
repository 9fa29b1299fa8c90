import { IsBoolean, IsIn, IsInt, IsOptional, Matches, Max, Min, ValidateBy } from 'class-validator';
import { IsMongoUrl, Secret } from './decorators.js';
import { NatsConfig } from './nats-config.js';
import { Describe } from './variable.js';

/** The settings that listener and executor share; both must have the same values. */
export class FlowConfig extends NatsConfig {
  @Describe('The address to listen on.')
  @Matches(/^[0-9A-Za-z.:-]{1,255}$/)
  readonly HOST: string = '0.0.0.0';

  @Describe('The address to listen on for operators.')
  @Matches(/^[0-9A-Za-z.:-]{1,255}$/)
  readonly OPERATIONS_HOST: string = '0.0.0.0';

  @Describe('`production` refuses settings that are only fit for a trial.')
  @IsOptional()
  @IsIn(['development', 'test', 'production'])
  readonly NODE_ENV?: string;

  @Describe('The lowest level of log lines that are written.')
  @IsIn(['debug', 'info', 'warn', 'error'])
  readonly LOG_LEVEL: 'debug' | 'info' | 'warn' | 'error' = 'info';

  @Describe('The format of log lines. `auto` is readable text on a terminal and JSON elsewhere.')
  @IsIn(['auto', 'pretty', 'json'])
  readonly LOG_FORMAT: 'auto' | 'pretty' | 'json' = 'auto';

  @Describe(
    'The most log lines a second about single events, activities and rejected requests. Further lines are left out and counted.',
  )
  @IsInt()
  @Min(0)
  @Max(1_000_000)
  readonly LOG_ROUTINE_LINES_PER_SECOND_MAX: number = 100;

  @Describe(
    'The most events of one workflow that are kept because no run waits for their topic and correlation key yet; beyond that 429. 0 keeps none.',
  )
  @IsInt()
  @Min(0)
  @Max(100_000)
  readonly EARLY_EVENTS_MAX: number = 1_000;

  @Describe('The most MiB of these events of one workflow.')
  @IsInt()
  @Min(1)
  @Max(1_024)
  readonly EARLY_EVENTS_MEBIBYTES_MAX: number = 16;

  @Describe('How long each of these events is kept, in hours.')
  @IsInt()
  @Min(1)
  @Max(8_784)
  readonly EARLY_EVENTS_HOURS: number = 24;

  @Describe(
    'How long an event that was delivered by its correlation key is remembered, in minutes: a repeat within that time has no effect.',
  )
  @IsInt()
  @Min(1)
  @Max(527_040)
  readonly MATCHED_EVENTS_MINUTES: number = 60;

  @Describe('The most activities that one event with a correlation key is delivered to.')
  @IsInt()
  @Min(1)
  @Max(1_000)
  readonly EVENT_MATCHES_MAX: number = 100;

  @Describe(
    'The most runs of a workflow in a calendar month (UTC), if it has no quota of its own; beyond that 429. 0 sets no limit.',
  )
  @IsInt()
  @Min(0)
  @Max(1_000_000_000)
  readonly RUNS_PER_MONTH_MAX: number = 0;

  @Describe('The URL of MongoDB, with the name of the database. It must be a replica set.')
  @IsMongoUrl()
  readonly MONGODB_URL!: string;

  @Describe('Connections to MongoDB, at most.')
  @IsInt()
  @Min(1)
  @Max(1_000)
  readonly MONGODB_CONNECTIONS_MAX: number = 20;

  @Describe(
    'How long one read or write may take before MongoDB counts as not available, in milliseconds.',
  )
  @IsInt()
  @Min(100)
  @Max(60_000)
  readonly MONGODB_OPERATION_MS_MAX: number = 2_000;

  @Describe('The most documents that share one write to MongoDB, or one read.')
  @IsInt()
  @Min(1)
  @Max(1_000)
  readonly BATCH_ITEMS_MAX: number = 256;

  @Describe(
    'How long a write, or a read, waits for others to share a batch while there is load, in milliseconds.',
  )
  @IsInt()
  @Min(0)
  @Max(100)
  readonly BATCH_LINGER_MS: number = 2;

  @Describe(
    'The most writes, and the most reads, that wait for MongoDB; beyond that requests are refused.',
  )
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  readonly BATCH_QUEUE_ITEMS_MAX: number = 10_000;

  @Describe(
    'The secret that listener and executors share. The keys that sign dispatches, internal requests and notices are derived from it. It is never sent.',
  )
  @Secret(32)
  readonly INTERNAL_SECRET!: string;

  @Describe('The former INTERNAL_SECRET, while it is being replaced. Otherwise leave it out.')
  @IsOptional()
  @Secret(32)
  readonly INTERNAL_SECRET_PREVIOUS?: string;

  @Describe(
    'The key that encrypts secrets of webhook senders and of tasks in MongoDB. It must be the same for listeners and executors. Without it no secret can be stored.',
  )
  @IsOptional()
  @Secret(32)
  readonly SECRETS_KEY?: string;

  @Describe('The former SECRETS_KEY, while it is being replaced. Otherwise leave it out.')
  @IsOptional()
  @Secret(32)
  readonly SECRETS_KEY_PREVIOUS?: string;

  @Describe(
    'How old a signed internal request or notice may be, by the clocks of both machines, in milliseconds.',
  )
  @IsInt()
  @Min(1_000)
  @Max(600_000)
  readonly INTERNAL_MESSAGE_AGE_MS_MAX: number = 60_000;

  @Describe('`false` lets anybody start any workflow. Only for a trial; refused in production.')
  @IsBoolean()
  @TrueInProduction()
  readonly EVENTING_AUTH_ENABLED: boolean = true;

  @Describe('How often each process asks MongoDB which workflows have changed, in milliseconds.')
  @IsInt()
  @Min(50)
  @Max(60_000)
  readonly WORKFLOW_CHANGES_MS: number = 500;

  @Describe('How long a cached workflow is used without a check, in milliseconds.')
  @IsInt()
  @Min(0)
  @Max(3_600_000)
  readonly WORKFLOW_FRESH_MS: number = 5_000;

  @Describe(
    'How much longer a cached workflow is used while MongoDB is not available, in milliseconds.',
  )
  @IsInt()
  @Min(0)
  @Max(86_400_000)
  readonly WORKFLOW_STALE_MS_MAX: number = 600_000;

  @Describe('The most workflows in the cache.')
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  readonly WORKFLOWS_CACHED_MAX: number = 10_000;

  @Describe(
    'The most comparisons, expressions and conditions in a filter of a trigger, when it is saved.',
  )
  @IsInt()
  @Min(1)
  @Max(1_000)
  readonly FILTER_CLAUSES_MAX: number = 100;

  @Describe('The most levels of `all`, `any` and `not` in a filter, when it is saved.')
  @IsInt()
  @Min(1)
  @Max(64)
  readonly FILTER_DEPTH_MAX: number = 16;

  @Describe(
    'The most steps that all filters together take for one event (docs/filters.md says how they are counted). A clause that would take more does not hold. A million steps take about 0.1 s.',
  )
  @IsInt()
  @Min(1_000)
  @Max(100_000_000)
  readonly FILTER_STEPS_MAX: number = 2_000_000;

  @Describe('How long a stopping process may take to finish the work in flight, in milliseconds.')
  @IsInt()
  @Min(0)
  @Max(600_000)
  readonly SHUTDOWN_MS_MAX: number = 15_000;
}

function TrueInProduction(): PropertyDecorator {
  return ValidateBy(
    {
      name: 'trueInProduction',
      validator: {
        validate: (value, args) =>
          value === true || (args?.object as FlowConfig).NODE_ENV !== 'production',
      },
    },
    { context: { allowed: 'true when NODE_ENV is production' } },
  );
}
