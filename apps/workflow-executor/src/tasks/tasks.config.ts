import { Describe, FlowConfig, IsCidrList, IsHostList, IsSubjectList } from '@app/config';
import { IsInt, Max, Min } from 'class-validator';

/** What tasks that call out, publish or compute may take. */
export class TasksConfig extends FlowConfig {
  @Describe('Networks that tasks may call although they are not public (10.0.0.0/8, 127.0.0.1).')
  @IsCidrList()
  readonly HTTP_TASK_ALLOWED_NETWORKS: readonly string[] = [];

  @Describe('The largest answer that an `http` task accepts, in bytes.')
  @IsInt()
  @Min(1_024)
  @Max(4_194_304)
  readonly HTTP_TASK_RESPONSE_BYTES_MAX: number = 262_144;

  @Describe('The most redirects that one call of an `http` task follows.')
  @IsInt()
  @Min(0)
  @Max(20)
  readonly HTTP_TASK_REDIRECTS_MAX: number = 5;

  @Describe('How long an `http` task may take to connect, in milliseconds.')
  @IsInt()
  @Min(100)
  @Max(120_000)
  readonly HTTP_TASK_CONNECT_MS_MAX: number = 10_000;

  @Describe('The most calls of `http` tasks to one origin at the same time; the others wait.')
  @IsInt()
  @Min(1)
  @Max(10_000)
  readonly HTTP_TASK_CONNECTIONS_MAX: number = 64;

  @Describe('The most calls of `http` tasks of one workflow at the same time; the others wait.')
  @IsInt()
  @Min(1)
  @Max(10_000)
  readonly HTTP_TASK_CALLS_PER_WORKFLOW_MAX: number = 128;

  @Describe('The most calls of `http` tasks at the same time; the others wait.')
  @IsInt()
  @Min(1)
  @Max(10_000)
  readonly HTTP_TASK_CALLS_MAX: number = 512;

  @Describe(
    'The most calls that wait in an executor, a quarter of them for one origin; beyond that they wait on record.',
  )
  @IsInt()
  @Min(4)
  @Max(100_000)
  readonly HTTP_TASK_CALLS_WAITING_MAX: number = 1_024;

  @Describe(
    'Hosts whose `callback_url` is called for a recorded delivery of Docker Hub; empty for none, `*` for any. Addresses that tasks may not reach are not called.',
  )
  @IsHostList()
  readonly DOCKER_HUB_CALLBACK_HOSTS: readonly string[] = ['registry.hub.docker.com'];

  @Describe(
    'NATS subjects that `event` tasks may publish to (audit.>, orders.*.paid), besides `<EVENTING_NAMESPACE>.out.>`.',
  )
  @IsSubjectList()
  readonly EVENT_TASK_SUBJECTS: readonly string[] = [];

  @Describe('The longest chain of workflows that start the next one by an `event` task.')
  @IsInt()
  @Min(1)
  @Max(1_000)
  readonly EVENT_TASK_HOPS_MAX: number = 20;

  @Describe(
    'The most events of `event` tasks on their way to NATS at the same time; the others wait.',
  )
  @IsInt()
  @Min(1)
  @Max(100_000)
  readonly EVENT_TASK_PUBLICATIONS_MAX: number = 512;

  @Describe('How long NATS may take to acknowledge one of these events, in milliseconds.')
  @IsInt()
  @Min(100)
  @Max(120_000)
  readonly EVENT_TASK_ACK_MS_MAX: number = 10_000;

  @Describe('The most scripts that run at the same time, each in its own thread.')
  @IsInt()
  @Min(1)
  @Max(64)
  readonly SCRIPT_THREADS_MAX: number = 2;

  @Describe(
    'The most scripts that wait for a thread in an executor; beyond that they wait on record.',
  )
  @IsInt()
  @Min(1)
  @Max(100_000)
  readonly SCRIPTS_WAITING_MAX: number = 1_024;

  @Describe('How long a script may run, in milliseconds.')
  @IsInt()
  @Min(1)
  @Max(60_000)
  readonly SCRIPT_MS_MAX: number = 5_000;

  @Describe('The most memory of one script, including its sandbox, in MiB.')
  @IsInt()
  @Min(20)
  @Max(2_048)
  readonly SCRIPT_MEMORY_MEBIBYTES_MAX: number = 64;

  @Describe('The largest results that a script may give, as JSON, in bytes.')
  @IsInt()
  @Min(1_024)
  @Max(4_194_304)
  readonly SCRIPT_RESULT_BYTES_MAX: number = 262_144;
}
