import {
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  Matches,
  Max,
  Min,
  ValidateBy,
  ValidateIf,
} from 'class-validator';
import { IsFile, IsMongoUrl, IsNatsUrls, Secret } from './decorators.js';
import { HttpConfig } from './http-config.js';
import { Describe } from './variable.js';

/** The settings that listener and executor share; both must have the same values. */
export class FlowConfig extends HttpConfig {
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

  @Describe('How log lines look; `auto` is readable on a terminal and JSON anywhere else.')
  @IsIn(['auto', 'pretty', 'json'])
  readonly LOG_FORMAT: 'auto' | 'pretty' | 'json' = 'auto';

  @Describe(
    'Lines about single events, activities and rejected requests that are written in a second, at most; what was left out is counted.',
  )
  @IsInt()
  @Min(0)
  @Max(1_000_000)
  readonly LOG_ROUTINE_LINES_PER_SECOND_MAX: number = 100;

  @Describe(
    'Events of one workflow that are kept because nothing waits for their topic and correlation key yet, at most; beyond that 429. 0 keeps none.',
  )
  @IsInt()
  @Min(0)
  @Max(100_000)
  readonly EARLY_EVENTS_MAX: number = 1_000;

  @Describe('What they may take, in MiB.')
  @IsInt()
  @Min(1)
  @Max(1_024)
  readonly EARLY_EVENTS_MEBIBYTES_MAX: number = 16;

  @Describe('How long each of them is kept, in hours.')
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

  @Describe('Activities that wait for a correlation key and get one event for it, at most.')
  @IsInt()
  @Min(1)
  @Max(1_000)
  readonly EVENT_MATCHES_MAX: number = 100;

  @Describe(
    'Runs of one workflow in a calendar month (UTC), at most, where it has no quota of its own; beyond that 429. 0 sets no limit.',
  )
  @IsInt()
  @Min(0)
  @Max(1_000_000_000)
  readonly RUNS_PER_MONTH_MAX: number = 0;

  @Describe('Where MongoDB is: a replica set, with the name of the database.')
  @IsMongoUrl()
  readonly MONGODB_URL!: string;

  @Describe('Connections to MongoDB, at most.')
  @IsInt()
  @Min(1)
  @Max(1_000)
  readonly MONGODB_CONNECTIONS_MAX: number = 20;

  @Describe('How long one read or write may take before MongoDB counts as gone, in milliseconds.')
  @IsInt()
  @Min(100)
  @Max(60_000)
  readonly MONGODB_OPERATION_MS_MAX: number = 2_000;

  @Describe('Documents that share one write to MongoDB, or one read, at most.')
  @IsInt()
  @Min(1)
  @Max(1_000)
  readonly BATCH_ITEMS_MAX: number = 256;

  @Describe('How long a write, or a read, waits for company while there is load, in milliseconds.')
  @IsInt()
  @Min(0)
  @Max(100)
  readonly BATCH_LINGER_MS: number = 2;

  @Describe('Writes that wait for MongoDB, and reads, at most; beyond that requests are refused.')
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  readonly BATCH_QUEUE_ITEMS_MAX: number = 10_000;

  @Describe(
    'How executors are told of work: over NATS (HTTP takes over while it is gone), or HTTP.',
  )
  @IsIn(['nats', 'http'])
  readonly EVENTING_DRIVER: 'nats' | 'http' = 'nats';

  @Describe('The old switch: `false` is the same as EVENTING_DRIVER=http.')
  @IsBoolean()
  readonly EVENTING_ENABLED: boolean = true;

  @Describe('The NATS servers; needed unless EVENTING_DRIVER is `http`.')
  @ValidateIf((config: FlowConfig) => config.usesNats)
  @IsNatsUrls()
  readonly NATS_URL!: readonly string[];

  @Describe(
    'PEM file of the authorities that sign the certificates of the NATS servers, where they are not public ones. Each of these files is read at every connection.',
  )
  @IsOptional()
  @IsFile()
  readonly NATS_CA_FILE?: string;

  @Describe('PEM file of the certificate that NATS knows this app by; NATS_KEY_FILE is its key.')
  @ValidateIf(
    (config: FlowConfig) =>
      config.NATS_KEY_FILE !== undefined || config.NATS_CERTIFICATE_FILE !== undefined,
  )
  @IsFile()
  readonly NATS_CERTIFICATE_FILE?: string;

  @Describe('PEM file of the key of NATS_CERTIFICATE_FILE.')
  @ValidateIf(
    (config: FlowConfig) =>
      config.NATS_KEY_FILE !== undefined || config.NATS_CERTIFICATE_FILE !== undefined,
  )
  @IsFile()
  readonly NATS_KEY_FILE?: string;

  @Describe('The `.creds` file of a NATS user, instead of a password in NATS_URL.')
  @IsOptional()
  @IsFile()
  readonly NATS_CREDS_FILE?: string;

  @Describe(
    'What subjects and (in upper case) streams begin with, so installations can share a NATS.',
  )
  // Lower case only: streams have the namespace in upper case, so `a` and `A` would share their streams.
  @Matches(/^[a-z][a-z0-9_-]{0,31}$/)
  readonly EVENTING_NAMESPACE: string = 'flow';

  @Describe('Copies of each stream: 1, or 3 on a cluster.')
  @IsIn([1, 3])
  readonly NATS_STREAM_REPLICAS: 1 | 3 = 1;

  @Describe('What a stream of undone work may take on disk, in MiB; then dispatches go over HTTP.')
  @IsInt()
  @Min(1)
  @Max(1_048_576)
  readonly NATS_STREAM_MEBIBYTES_MAX: number = 1_024;

  @Describe(
    'Shared by listener and executors: the keys are derived from it that sign dispatches, internal requests and notices. It is never sent.',
  )
  @Secret(32)
  readonly INTERNAL_SECRET!: string;

  @Describe('While INTERNAL_SECRET is replaced: what it was before. Else leave it out.')
  @IsOptional()
  @Secret(32)
  readonly INTERNAL_SECRET_PREVIOUS?: string;

  @Describe(
    'What secrets of webhook senders and of tasks are encrypted with in MongoDB, the same for listeners and executors. Without it there can be none.',
  )
  @IsOptional()
  @Secret(32)
  readonly SECRETS_KEY?: string;

  @Describe('While SECRETS_KEY is replaced: what it was before. Else leave it out.')
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

  @Describe('How long a cached workflow is taken as it is, in milliseconds.')
  @IsInt()
  @Min(0)
  @Max(3_600_000)
  readonly WORKFLOW_FRESH_MS: number = 5_000;

  @Describe('How much longer it serves while MongoDB is gone, in milliseconds.')
  @IsInt()
  @Min(0)
  @Max(86_400_000)
  readonly WORKFLOW_STALE_MS_MAX: number = 600_000;

  @Describe('Workflows in the cache, at most.')
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  readonly WORKFLOWS_CACHED_MAX: number = 10_000;

  @Describe(
    "Comparisons, expressions and conditions that a trigger's filter may have when it is saved, at most.",
  )
  @IsInt()
  @Min(1)
  @Max(1_000)
  readonly FILTER_CLAUSES_MAX: number = 100;

  @Describe('Levels of `all`, `any` and `not` in a filter when it is saved, at most.')
  @IsInt()
  @Min(1)
  @Max(64)
  readonly FILTER_DEPTH_MAX: number = 16;

  @Describe(
    'Steps that all filters together take for one event, at most (docs/filters.md says what takes how many); a clause that would take more does not hold. A million are about 0.1 s.',
  )
  @IsInt()
  @Min(1_000)
  @Max(100_000_000)
  readonly FILTER_STEPS_MAX: number = 2_000_000;

  @Describe('How long a stopping process may take to finish what is in flight, in milliseconds.')
  @IsInt()
  @Min(0)
  @Max(600_000)
  readonly SHUTDOWN_MS_MAX: number = 15_000;

  get usesNats(): boolean {
    return this.EVENTING_DRIVER === 'nats' && this.EVENTING_ENABLED;
  }
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
