import { Describe, FormerName, Secret } from '@app/config';
import { IsBoolean, IsInt, IsOptional, Max, Min } from 'class-validator';
import { TasksConfig } from './tasks/tasks.config.js';

export class WorkflowExecutorConfig extends TasksConfig {
  @Describe('The port to listen on; 0 takes any free port.')
  @IsInt()
  @Min(0)
  @Max(65_535)
  readonly PORT: number = 7730;

  @Describe('The port of `/metrics` and `/health`, for operators only; 0 takes any free port.')
  @IsInt()
  @Min(0)
  @Max(65_535)
  readonly OPERATIONS_PORT: number = 7_731;

  @Describe("The administrator's token; without it the first start makes one and prints it once.")
  @IsOptional()
  @Secret(32)
  readonly ADMIN_TOKEN?: string;

  @Describe(
    'How long parameters and secrets that were replaced are kept for runs that began with them, in days.',
  )
  @IsInt()
  @Min(1)
  @Max(3_650)
  readonly SCOPE_VERSION_DAYS: number = 30;

  @Describe('The largest workflow that is taken as YAML, in bytes.')
  @IsInt()
  @Min(1_024)
  @Max(4_194_304)
  readonly WORKFLOW_YAML_BYTES_MAX: number = 524_288;

  @Describe('Activities that take their first step in an executor at the same time.')
  @IsInt()
  @Min(1)
  @Max(10_000)
  @FormerName('ACTIVITIES_IN_HAND_MAX')
  readonly ACTIVITIES_IN_FLIGHT_MAX: number = 1024;

  @Describe(
    'Bytes of the events and states of the activities that one executor works on, at most; the others wait on record or in NATS. As much again is for messages, dispatches over HTTP and answers of calls. 0 is an eighth of the memory that the process may have.',
  )
  @IsInt()
  @Min(0)
  @Max(68_719_476_736)
  readonly ACTIVITIES_BYTES_MAX: number = 0;

  @Describe('How long an activity belongs to an executor without a sign of life, in milliseconds.')
  @IsInt()
  @Min(1_000)
  @Max(600_000)
  readonly LEASE_MS: number = 30_000;

  @Describe(
    'How often in a row an activity is taken up again after its executor died or broke off.',
  )
  @IsInt()
  @Min(1)
  @Max(1_000)
  readonly ACTIVITY_TAKEOVERS_MAX: number = 10;

  @Describe('The pause between two looks of the sweeper when nothing was due, in milliseconds.')
  @IsInt()
  @Min(50)
  @Max(60_000)
  readonly SWEEP_INTERVAL_MS: number = 500;

  @Describe(
    'Deliveries of what runs have to tell outside (docs/outbox.md) at the same time, in one executor.',
  )
  @IsInt()
  @Min(1)
  @Max(100_000)
  readonly OUTBOX_DELIVERIES_MAX: number = 256;

  @Describe('How long one attempt of that may take, in milliseconds.')
  @IsInt()
  @Min(100)
  @Max(120_000)
  readonly OUTBOX_DELIVERY_MS_MAX: number = 10_000;

  @Describe('The longest pause between two attempts, in milliseconds.')
  @IsInt()
  @Min(1_000)
  @Max(3_600_000)
  readonly OUTBOX_RETRY_MS_MAX: number = 300_000;

  @Describe(
    'How long an executor waits for the answer to a task that it has queued for a worker before it works on the run no more, in milliseconds; what is not answered in two thirds of a lease is written off. 0 writes at once that it is queued.',
  )
  @IsInt()
  @Min(0)
  @Max(10_000)
  readonly OUTBOX_LINGER_MS: number = 1_000;

  @Describe(
    'Runs that may have begun each other with `run-workflow`, one behind the other, counted from the first that a task began.',
  )
  @IsInt()
  @Min(1)
  @Max(1_000)
  readonly CHILD_GENERATIONS_MAX: number = 10;

  @Describe(
    'Runs behind the ones that a run has begun itself, at most: what those begin, and what these begin, all together.',
  )
  @IsInt()
  @Min(1)
  @Max(1_000_000_000)
  readonly CHILD_DESCENDANTS_MAX: number = 100_000;

  @Describe(
    'How long a run may take from its first task on, in minutes, also where its workflow sets a longer timeout or none. 0 sets no limit.',
  )
  @IsInt()
  @Min(0)
  @Max(527_040)
  readonly RUN_DURATION_MINUTES_MAX: number = 0;

  @Describe(
    'Runs that may wait for a slot of one key of `concurrency`, at most; what comes then ends with CONCURRENCY_FULL.',
  )
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  readonly CONCURRENCY_QUEUE_MAX: number = 10_000;

  @Describe('How often a run that has ended may be begun anew, one time after the other.')
  @IsInt()
  @Min(0)
  @Max(10_000)
  readonly ACTIVITY_RETRIES_MAX: number = 100;

  @Describe(
    'Tells of each new status of an activity by a CloudEvent in JetStream (docs/status-events.md). It costs each run one or two writes more. Needs NATS.',
  )
  @IsBoolean()
  readonly STATUS_EVENTS_ENABLED: boolean = false;

  @Describe('For how long the webhook of an end (docs/webhooks-out.md) is tried again, in hours.')
  @IsInt()
  @Min(1)
  @Max(720)
  readonly WEBHOOK_HOURS_MAX: number = 24;

  @Describe(
    'With STATUS_EVENTS_ENABLED: tells of each new status of a task, too. Each is a message more.',
  )
  @IsBoolean()
  readonly STATUS_EVENTS_TASKS_ENABLED: boolean = false;

  @Describe('How long status events are kept in JetStream, in hours.')
  @IsInt()
  @Min(1)
  @Max(87_600)
  readonly STATUS_EVENTS_HOURS_MAX: number = 72;

  @Describe(
    'How long a worker has a task without a sign of life before another one gets it, in milliseconds.',
  )
  @IsInt()
  @Min(1_000)
  @Max(3_600_000)
  readonly WORKER_LEASE_MS: number = 30_000;

  @Describe('Tasks of one queue that all its workers together have in flight, at most.')
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  readonly WORKER_TASKS_IN_FLIGHT_MAX: number = 10_000;

  @Describe(
    'How often a task is given to workers, each time after a lease ran out or a worker gave it back, until its attempt fails.',
  )
  @IsInt()
  @Min(1)
  @Max(1_000)
  readonly WORKER_DELIVERIES_MAX: number = 10;

  @Describe('How long activities are kept after their end, in days; 0 keeps them for ever.')
  @IsInt()
  @Min(0)
  @Max(36_500)
  readonly ACTIVITY_RETENTION_DAYS: number = 90;

  @Describe(
    'The same of those that failed, were cancelled or timed out; without it ACTIVITY_RETENTION_DAYS.',
  )
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(36_500)
  readonly ACTIVITY_RETENTION_FAILED_DAYS?: number;

  @Describe('The same of rejected requests; without it ACTIVITY_RETENTION_DAYS.')
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(36_500)
  readonly ACTIVITY_RETENTION_REFUSED_DAYS?: number;

  @Describe('The pause between two passes that remove what is kept no longer, in seconds.')
  @IsInt()
  @Min(1)
  @Max(86_400)
  readonly RETENTION_INTERVAL_SECONDS: number = 600;

  @Describe('Activities that such a pass reads and removes at once, at most.')
  @IsInt()
  @Min(1)
  @Max(1_000)
  readonly RETENTION_BATCH_ITEMS_MAX: number = 250;

  @Describe(
    'Its pause after each of these batches, in milliseconds; it is never shorter than the batch took.',
  )
  @IsInt()
  @Min(0)
  @Max(60_000)
  readonly RETENTION_PAUSE_MS: number = 50;

  @Describe(
    'How often an executor looks for signals to what it works on, in milliseconds; ten times as long while NATS tells of them.',
  )
  @IsInt()
  @Min(50)
  @Max(60_000)
  readonly SIGNAL_LOOK_MS: number = 100;

  @Describe('Signals, such as a cancel, that one executor takes at the same time without a permit.')
  @IsInt()
  @Min(1)
  @Max(1_000)
  readonly SIGNALS_IN_FLIGHT_MAX: number = 16;

  @Describe('Signals that wait for that, at most; the sweeper finds the rest.')
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  readonly SIGNALS_WAITING_MAX: number = 10_000;

  @Describe(
    'How long a message may go unanswered before JetStream delivers it again, in milliseconds.',
  )
  @IsInt()
  @Min(1_000)
  @Max(600_000)
  readonly NATS_ACK_WAIT_MS: number = 30_000;

  @Describe('How often a message is delivered before it becomes a dead letter.')
  @IsInt()
  @Min(1)
  @Max(1_000)
  readonly NATS_DELIVERIES_MAX: number = 20;

  @Describe('Dead letters, at most; beyond it the oldest go, unless they exist nowhere else.')
  @IsInt()
  @Min(100)
  @Max(10_000_000)
  readonly DEAD_LETTERS_MAX: number = 100_000;

  @Describe('What they may take in MongoDB, in MiB; beyond it the same.')
  @IsInt()
  @Min(1)
  @Max(1_048_576)
  readonly DEAD_LETTERS_MEBIBYTES_MAX: number = 1_024;

  @Describe(
    'After how long without a delivery a consumer with messages is made anew, in milliseconds; twice in that time streams and consumers are compared with what they should be.',
  )
  @IsInt()
  @Min(1_000)
  @Max(3_600_000)
  readonly NATS_STUCK_MS: number = 30_000;
}
