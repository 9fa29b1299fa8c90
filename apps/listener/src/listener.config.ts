import { Describe, FlowConfig, IsHostList, IsHttpUrl, IsOriginList } from '@app/config';
import { IsInt, Max, Min } from 'class-validator';

export class ListenerConfig extends FlowConfig {
  @Describe('The port to listen on; 0 takes any that is free.')
  @IsInt()
  @Min(0)
  @Max(65_535)
  readonly PORT: number = 7720;

  @Describe('The port of `/metrics` and `/health`, for operators alone; 0 takes any that is free.')
  @IsInt()
  @Min(0)
  @Max(65_535)
  readonly OPERATIONS_PORT: number = 7_721;

  @Describe("The executor's base URL, for dispatches over HTTP.")
  @IsHttpUrl()
  readonly EXECUTOR_URL!: string;

  @Describe("The API's base URL as senders see it; receipts point there.")
  @IsHttpUrl()
  readonly PUBLIC_API_URL!: string;

  @Describe('Events in one batch, at most.')
  @IsInt()
  @Min(1)
  @Max(10_000)
  readonly BATCH_EVENTS_MAX: number = 100;

  @Describe(
    "Bytes of the query and the headers that are parameters of a webhook's run, as JSON in ASCII, at most. More query is 400; more headers are left out. 0 passes on neither.",
  )
  @IsInt()
  @Min(0)
  @Max(8_192)
  readonly WEBHOOK_REQUEST_BYTES_MAX: number = 4_096;

  @Describe(
    'Bodies that are held at the same time, in bytes in all; beyond that they wait, then 503. 0 is an eighth of the memory that the process may have.',
  )
  @IsInt()
  @Min(0)
  @Max(68_719_476_736)
  readonly BODIES_IN_FLIGHT_BYTES_MAX: number = 0;

  @Describe(
    'The same for bodies whose senders are not known yet, because the head names no workflow; beyond that 503.',
  )
  @IsInt()
  @Min(65_536)
  @Max(68_719_476_736)
  readonly UNKNOWN_BODIES_BYTES_MAX: number = 8_388_608;

  @Describe('How long a body waits for room among those that are held, in milliseconds.')
  @IsInt()
  @Min(0)
  @Max(60_000)
  readonly BODY_WAIT_MS_MAX: number = 5_000;

  @Describe(
    'How far the time in the signature of a webhook may be from ours, in milliseconds; where a provider signs a time.',
  )
  @IsInt()
  @Min(1_000)
  @Max(86_400_000)
  readonly SIGNATURE_AGE_MS_MAX: number = 300_000;

  @Describe('The largest payload of an event for an activity that waits for it, in bytes.')
  @IsInt()
  @Min(1_024)
  @Max(262_144)
  readonly CALLBACK_BYTES_MAX: number = 65_536;

  @Describe(
    'Decisions about events (GET /api/v2/decisions) that have a record of their own, for each workflow, trigger, outcome and code, a minute; after a pause ten minutes of them at once. Beyond that they are counted, by the hour. 0 keeps none.',
  )
  @IsInt()
  @Min(0)
  @Max(60_000)
  readonly DECISIONS_PER_MINUTE_MAX: number = 60;

  @Describe('How long decisions are kept, in days.')
  @IsInt()
  @Min(1)
  @Max(3_650)
  readonly DECISIONS_DAYS: number = 7;

  @Describe('What all decisions may take in MongoDB, in MiB of documents; then the oldest go.')
  @IsInt()
  @Min(1)
  @Max(1_048_576)
  readonly DECISIONS_MEBIBYTES_MAX: number = 256;

  @Describe('Requests a second from one address, at most; beyond that 429. 0 sets no limit.')
  @IsInt()
  @Min(0)
  @Max(1_000_000)
  readonly RATE_LIMIT_PER_SECOND: number = 0;

  @Describe(
    'Requests a second with one token, at most; beyond that 429. 0 sets no limit. It is counted before the token is checked.',
  )
  @IsInt()
  @Min(0)
  @Max(1_000_000)
  readonly TOKEN_RATE_LIMIT_PER_SECOND: number = 0;

  @Describe(
    'Hosts of senders that are permitted to send when they ask by OPTIONS (CloudEvents HTTP webhook); `*` is all of them, for a trial.',
  )
  @IsHostList()
  readonly WEBHOOK_ALLOWED_ORIGINS: readonly string[] = [];

  @Describe(
    'Origins of web pages whose scripts may send events (CORS), such as https://app.example; `*` is all of them. Empty is off.',
  )
  @IsOriginList()
  readonly CORS_ALLOWED_ORIGINS: readonly string[] = [];

  @Describe(
    'Activities that wait to be begun, at most; beyond that 429, until executors have caught up. Counted once a second, so it may be exceeded by what comes in one. 0 sets no limit.',
  )
  @IsInt()
  @Min(0)
  @Max(10_000_000)
  readonly BACKLOG_MAX: number = 0;

  @Describe('Dispatches whose acknowledgement is awaited, at most; the sweeper finds the rest.')
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  readonly DISPATCHES_IN_FLIGHT_MAX: number = 10_000;

  @Describe(
    'Bytes of the dispatches whose acknowledgement is awaited, by transport, at most; the sweeper finds the rest.',
  )
  @IsInt()
  @Min(1_048_576)
  @Max(1_073_741_824)
  readonly DISPATCHES_IN_FLIGHT_BYTES_MAX: number = 33_554_432;

  @Describe(
    'Activities whose dispatch failed and is tried again, at most; the sweeper finds the rest.',
  )
  @IsInt()
  @Min(0)
  @Max(1_000_000)
  readonly UNDISPATCHED_MAX: number = 10_000;

  @Describe(
    'Memory for what is known of events that were kept on JetStream while MongoDB was gone, in bytes: by it the same event is told from other content under its id. 0 remembers nothing.',
  )
  @IsInt()
  @Min(0)
  @Max(1_073_741_824)
  readonly SPOOLED_CONTENTS_BYTES_MAX: number = 16_777_216;

  @Describe('How long that is remembered, in milliseconds.')
  @IsInt()
  @Min(1_000)
  @Max(86_400_000)
  readonly SPOOLED_CONTENTS_MS_MAX: number = 3_600_000;
}
