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

  @Describe("The administrator's token. Without it the first start creates one and prints it once.")
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

  @Describe('The largest workflow that is accepted as YAML, in bytes.')
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
    'The most bytes of the events and states of the activities in one executor; further activities wait on record or in NATS. Messages, dispatches over HTTP and answers of calls may take as much again. 0 is an eighth of the memory of the process.',
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

  @Describe('How often in a row an activity is taken over after its executor died or broke off.')
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
    'The most deliveries from the outbox (docs/outbox.md) at the same time, in one executor.',
  )
  @IsInt()
  @Min(1)
  @Max(100_000)
  readonly OUTBOX_DELIVERIES_MAX: number = 256;

  @Describe('How long one attempt of such a delivery may take, in milliseconds.')
  @IsInt()
  @Min(100)
  @Max(120_000)
  readonly OUTBOX_DELIVERY_MS_MAX: number = 10_000;

  @Describe('The longest pause between two attempts of a delivery, in milliseconds.')
  @IsInt()
  @Min(1_000)
  @Max(3_600_000)
  readonly OUTBOX_RETRY_MS_MAX: number = 300_000;

  @Describe(
    'How long an executor keeps a run that waits for the answers to several tasks that it has queued for workers, in milliseconds. A run with one such task is not kept: its task leaves the outbox with its answer, or after two thirds of a lease; with 0 at once.',
  )
  @IsInt()
  @Min(0)
  @Max(10_000)
  readonly OUTBOX_LINGER_MS: number = 1_000;

  @Describe(
    'The longest chain of runs that began one another with `run-workflow`, counted from the first run that a task began.',
  )
  @IsInt()
  @Min(1)
  @Max(1_000)
  readonly CHILD_GENERATIONS_MAX: number = 10;

  @Describe(
    'The most runs, in all generations together, that descend from the runs which one run began itself.',
  )
  @IsInt()
  @Min(1)
  @Max(1_000_000_000)
  readonly CHILD_DESCENDANTS_MAX: number = 100_000;

  @Describe(
    'How long a run may take from its first task on, in minutes, even if its workflow sets a longer timeout or none. 0 sets no limit.',
  )
  @IsInt()
  @Min(0)
  @Max(527_040)
  readonly RUN_DURATION_MINUTES_MAX: number = 0;

  @Describe(
    'The most runs that wait for a slot of one key of `concurrency`; further runs end with CONCURRENCY_FULL.',
  )
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  readonly CONCURRENCY_QUEUE_MAX: number = 10_000;

  @Describe('How often an ended run may be begun anew, one retry after the other.')
  @IsInt()
  @Min(0)
  @Max(10_000)
  readonly ACTIVITY_RETRIES_MAX: number = 100;

  @Describe(
    'Publishes each new status of an activity as a CloudEvent in JetStream (docs/status-events.md). It costs each run one or two more writes. Needs NATS.',
  )
  @IsBoolean()
  readonly STATUS_EVENTS_ENABLED: boolean = false;

  @Describe(
    'How long the webhook at the end of a run (docs/webhooks-out.md) is tried again, in hours.',
  )
  @IsInt()
  @Min(1)
  @Max(720)
  readonly WEBHOOK_HOURS_MAX: number = 24;

  @Describe(
    'With STATUS_EVENTS_ENABLED: publishes each new status of a task, too. Each costs one more message.',
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

  @Describe('The most tasks of one queue that all its workers together have in flight.')
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  readonly WORKER_TASKS_IN_FLIGHT_MAX: number = 10_000;

  @Describe(
    'How often a task is delivered to workers, after leases that ran out or workers that gave it back, before its attempt fails.',
  )
  @IsInt()
  @Min(1)
  @Max(1_000)
  readonly WORKER_DELIVERIES_MAX: number = 10;

  @Describe(
    'How long activities are kept after their end, in days, unless their workflow has a `retention`. 0 keeps them for ever.',
  )
  @IsInt()
  @Min(0)
  @Max(36_500)
  readonly ACTIVITY_RETENTION_DAYS: number = 90;

  @Describe(
    'The same for activities that failed, were cancelled or timed out. The default is ACTIVITY_RETENTION_DAYS.',
  )
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(36_500)
  readonly ACTIVITY_RETENTION_FAILED_DAYS?: number;

  @Describe('The same for rejected requests. The default is ACTIVITY_RETENTION_DAYS.')
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(36_500)
  readonly ACTIVITY_RETENTION_REFUSED_DAYS?: number;

  @Describe('The pause between two passes that remove expired activities, in seconds.')
  @IsInt()
  @Min(1)
  @Max(86_400)
  readonly RETENTION_INTERVAL_SECONDS: number = 600;

  @Describe('The most activities that such a pass reads and removes in one batch.')
  @IsInt()
  @Min(1)
  @Max(1_000)
  readonly RETENTION_BATCH_ITEMS_MAX: number = 250;

  @Describe(
    'The pause after each of these batches, in milliseconds. It is never shorter than the time that the batch took.',
  )
  @IsInt()
  @Min(0)
  @Max(60_000)
  readonly RETENTION_PAUSE_MS: number = 50;

  @Describe(
    'The pause between two looks of an executor for signals to its activities, in milliseconds. It is ten times as long while NATS notifies it of signals.',
  )
  @IsInt()
  @Min(50)
  @Max(60_000)
  readonly SIGNAL_LOOK_MS: number = 100;

  @Describe(
    'The most signals, such as a cancel, that one executor applies at the same time without a permit.',
  )
  @IsInt()
  @Min(1)
  @Max(1_000)
  readonly SIGNALS_IN_FLIGHT_MAX: number = 16;

  @Describe('The most signals that wait for that; the sweeper finds the others.')
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  readonly SIGNALS_WAITING_MAX: number = 10_000;

  @Describe(
    'How long a message may stay unacknowledged before JetStream delivers it again, in milliseconds.',
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

  @Describe(
    'The most dead letters; beyond that the oldest are removed, unless they exist nowhere else.',
  )
  @IsInt()
  @Min(100)
  @Max(10_000_000)
  readonly DEAD_LETTERS_MAX: number = 100_000;

  @Describe('The most MiB of dead letters in MongoDB; beyond that the same.')
  @IsInt()
  @Min(1)
  @Max(1_048_576)
  readonly DEAD_LETTERS_MEBIBYTES_MAX: number = 1_024;

  @Describe(
    'After how long without a delivery a consumer with messages is created again, in milliseconds. Twice in that time streams and consumers are compared with their configuration.',
  )
  @IsInt()
  @Min(1_000)
  @Max(3_600_000)
  readonly NATS_STUCK_MS: number = 30_000;
}
