import { Describe, FlowConfig, IsHostList, IsHttpUrl, IsOriginList } from '@app/config';
import { IsInt, Max, Min } from 'class-validator';

export class ListenerConfig extends FlowConfig {
  @Describe('The port to listen on; 0 takes any free port.')
  @IsInt()
  @Min(0)
  @Max(65_535)
  readonly PORT: number = 7720;

  @Describe('The port of `/metrics` and `/health`, for operators only; 0 takes any free port.')
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
    'The most bytes of all request bodies in memory. Further bodies wait (`BODY_WAIT_MS_MAX`), then 503. 0 is an eighth of the memory of the process.',
  )
  @IsInt()
  @Min(0)
  @Max(68_719_476_736)
  readonly BODIES_IN_FLIGHT_BYTES_MAX: number = 0;

  @Describe(
    'The same for bodies whose sender is not authorized yet, because the head of the request names no workflow. Beyond that 503, without a wait.',
  )
  @IsInt()
  @Min(65_536)
  @Max(68_719_476_736)
  readonly UNKNOWN_BODIES_BYTES_MAX: number = 8_388_608;

  @Describe('How long a body waits for room in memory, in milliseconds.')
  @IsInt()
  @Min(0)
  @Max(60_000)
  readonly BODY_WAIT_MS_MAX: number = 5_000;

  @Describe(
    'How far the time in the signature of a webhook may be from the clock of the listener, in milliseconds. It matters for providers that sign a time.',
  )
  @IsInt()
  @Min(1_000)
  @Max(86_400_000)
  readonly SIGNATURE_AGE_MS_MAX: number = 300_000;

  @Describe(
    'The largest payload of an event for an activity that waits for it, in bytes. Its attributes together may have as many.',
  )
  @IsInt()
  @Min(1_024)
  @Max(262_144)
  readonly CALLBACK_BYTES_MAX: number = 65_536;

  @Describe(
    'Decisions about events (GET /api/v2/decisions) a minute that have a record of their own, for each workflow, trigger, outcome and code. After a pause, those of ten minutes may come at once. Further ones are counted in one record for each hour. 0 keeps none.',
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

  @Describe(
    'The most MiB of documents of all decisions in MongoDB; the oldest are deleted beyond that.',
  )
  @IsInt()
  @Min(1)
  @Max(1_048_576)
  readonly DECISIONS_MEBIBYTES_MAX: number = 256;

  @Describe('The most requests a second from one address; beyond that 429. 0 sets no limit.')
  @IsInt()
  @Min(0)
  @Max(1_000_000)
  readonly RATE_LIMIT_PER_SECOND: number = 0;

  @Describe(
    'The most requests a second with one token; beyond that 429. 0 sets no limit. Requests are counted before the token is checked.',
  )
  @IsInt()
  @Min(0)
  @Max(1_000_000)
  readonly TOKEN_RATE_LIMIT_PER_SECOND: number = 0;

  @Describe(
    'Hosts of senders whose OPTIONS request for permission is granted (CloudEvents HTTP webhook handshake); `*` grants it to all, for a trial.',
  )
  @IsHostList()
  readonly WEBHOOK_ALLOWED_ORIGINS: readonly string[] = [];

  @Describe(
    'Origins of web pages whose scripts may send events (CORS), such as https://app.example; `*` is all of them. Empty is off.',
  )
  @IsOriginList()
  readonly CORS_ALLOWED_ORIGINS: readonly string[] = [];

  @Describe(
    'The most activities that wait to begin; beyond that 429, until executors have caught up. They are counted once a second, so the events of a second may exceed the limit. 0 sets no limit.',
  )
  @IsInt()
  @Min(0)
  @Max(10_000_000)
  readonly BACKLOG_MAX: number = 0;

  @Describe('The most dispatches that await an acknowledgement; the sweeper finds the others.')
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  readonly DISPATCHES_IN_FLIGHT_MAX: number = 10_000;

  @Describe(
    'The most bytes of the dispatches that await an acknowledgement, for each transport; the sweeper finds the others.',
  )
  @IsInt()
  @Min(1_048_576)
  @Max(1_073_741_824)
  readonly DISPATCHES_IN_FLIGHT_BYTES_MAX: number = 33_554_432;

  @Describe('The most activities whose failed dispatch is retried; the sweeper finds the others.')
  @IsInt()
  @Min(0)
  @Max(1_000_000)
  readonly UNDISPATCHED_MAX: number = 10_000;

  @Describe(
    'The most bytes of memory for the contents of events that were kept on JetStream while MongoDB was gone. With them a repeated event is told from other content under the same id. 0 remembers nothing.',
  )
  @IsInt()
  @Min(0)
  @Max(1_073_741_824)
  readonly SPOOLED_CONTENTS_BYTES_MAX: number = 16_777_216;

  @Describe('How long the contents of such events are remembered, in milliseconds.')
  @IsInt()
  @Min(1_000)
  @Max(86_400_000)
  readonly SPOOLED_CONTENTS_MS_MAX: number = 3_600_000;
}
