import { Histogram, type Registry } from 'prom-client';
import { Tally } from './tally.js';

export const TRANSPORTS = ['nats', 'http'] as const;
export const NATS_REPAIRS = [
  'stream_created',
  'stream_updated',
  'stream_recreated',
  'consumer_created',
  'consumer_updated',
  'consumer_recreated',
] as const;
export const FINAL_STATUSES = ['succeeded', 'failed', 'cancelled', 'timedout'] as const;

/** Codes that are exported as 0 from the start, so that an alert sees the first occurrence as a rise. */
const BROKEN_CODES = ['ENGINE_DEFECT', 'EXECUTION_BROKE_OFF', 'REVISION_NOT_FOUND'];

/** Bounds of the buckets, from a millisecond to five minutes. */
const SECONDS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300,
];
const BATCH_SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

/** Counters that were renamed in this release, with their former names, which the next release drops. */
const FORMER_NAMES: Readonly<Record<string, string>> = {
  flow_events_rejected_total: 'flow_events_refused_total',
};

export type Tallies = Readonly<
  Record<
    | 'accepted'
    | 'rejected'
    | 'duplicate'
    | 'conflict'
    | 'filtered'
    | 'overQuota'
    | 'quotaUncounted'
    | 'decisionsDropped'
    | 'dispatched'
    | 'dispatchFailed'
    | 'deadLetter'
    | 'claimed'
    | 'broken'
    | 'removed'
    | 'natsRepaired'
    | 'outbox'
    | 'webhook'
    | 'statusLeftOut'
    | 'scriptThreadLost'
    | 'workerTaskExhausted'
    | 'httpAnswered',
    Tally
  >
>;

export type Histograms = Readonly<
  Record<
    'httpSeconds' | 'queueWait' | 'batchSize' | 'batchSeconds' | 'runSeconds' | 'scriptSeconds',
    Histogram
  >
>;

/** Declares the counters with their names in Prometheus. */
export function declareTallies(registry: Registry): Tallies {
  const { tally, by } = makersOf(registry);
  return {
    ...moreTallies(registry),
    ...eventTallies(registry),
    dispatched: by(
      'transport',
      'flow_dispatched_total',
      'Activities handed to an executor, by transport',
      TRANSPORTS,
    ),
    dispatchFailed: by(
      'transport',
      'flow_dispatch_failures_total',
      'Dispatches that a transport did not take',
      TRANSPORTS,
    ),
    deadLetter: by('code', 'flow_dead_letters_total', 'Messages put aside, by error code'),
    broken: by(
      'code',
      'flow_runs_broken_total',
      'Runs that ended for a reason of the system and not of their workflow or event, by code',
      BROKEN_CODES,
    ),
    natsRepaired: by(
      'what',
      'flow_nats_repairs_total',
      'Streams and consumers that were not as declared or delivered nothing, by what was done',
      NATS_REPAIRS,
    ),
    claimed: tally(
      'flow_sweeper_claims_total',
      'Due activities that the sweeper took up, with or without a claim write',
    ),
    removed: by(
      'class',
      'flow_activities_removed_total',
      'Ended activities that were removed when their time was over, by class',
      ['succeeded', 'failed', 'refused'],
    ),
    httpAnswered: by('status', 'flow_http_requests_total', 'HTTP answers, by status'),
  };
}

type EventTallies =
  | 'accepted'
  | 'rejected'
  | 'duplicate'
  | 'filtered'
  | 'overQuota'
  | 'quotaUncounted'
  | 'decisionsDropped'
  | 'conflict';

/** The counters of events at the ingress. */
function eventTallies(registry: Registry): Pick<Tallies, EventTallies> {
  const { tally, by } = makersOf(registry);
  return {
    accepted: tally('flow_events_accepted_total', 'Events answered with 202, each once'),
    rejected: by('code', 'flow_events_rejected_total', 'Rejected requests, by error code'),
    duplicate: tally('flow_events_duplicate_total', 'Events that were there already'),
    filtered: tally(
      'flow_events_filtered_total',
      'Events that the filter of their trigger did not take',
    ),
    overQuota: tally(
      'flow_runs_over_quota_total',
      'Runs that were refused because their workflow has had those of its month',
    ),
    quotaUncounted: tally(
      'flow_quota_counts_failed_total',
      'Counts of the runs of a month that failed, so that no run of it was refused',
    ),
    decisionsDropped: tally(
      'flow_decisions_dropped_total',
      'Decisions about events that were not kept, because too many waited to be written',
    ),
    conflict: tally(
      'flow_events_conflict_total',
      'Events with the id of another and different content',
    ),
  };
}

function moreTallies(
  registry: Registry,
): Pick<
  Tallies,
  'outbox' | 'webhook' | 'statusLeftOut' | 'scriptThreadLost' | 'workerTaskExhausted'
> {
  const { tally, by } = makersOf(registry);
  return {
    outbox: by(
      'outcome',
      'flow_outbox_deliveries_total',
      'Attempts to deliver outbox entries of runs, by outcome',
      ['delivered', 'again', 'refused'],
    ),
    webhook: by(
      'outcome',
      'flow_webhooks_total',
      'Attempts to call a webhook about the end of a run, by outcome',
      ['delivered', 'failed', 'given-up'],
    ),
    scriptThreadLost: tally(
      'flow_script_threads_lost_total',
      'Threads of scripts that hung or died and were replaced',
    ),
    workerTaskExhausted: tally(
      'flow_worker_tasks_exhausted_total',
      'Tasks that no worker answered after the most deliveries allowed',
    ),
    statusLeftOut: tally(
      'flow_status_events_left_out_total',
      'Status events that were not sent, because the outbox of their run was too full',
    ),
  };
}

interface TallyMakers {
  readonly tally: (name: string, help: string) => Tally;
  readonly by: (label: string, name: string, help: string, values?: readonly string[]) => Tally;
}

function makersOf(registry: Registry): TallyMakers {
  return {
    tally: (name, help) => new Tally(registry, { name, help }),
    by: (label, name, help, values = []) =>
      new Tally(registry, { name, help, label, values, formerName: FORMER_NAMES[name] }),
  };
}

/** Declares the histograms with their names in Prometheus. */
export function declareHistograms(registry: Registry): Histograms {
  const registers = [registry];
  return {
    httpSeconds: new Histogram({
      name: 'flow_http_request_seconds',
      help: 'From the arrival of the headers to the end of the answer',
      buckets: SECONDS,
      registers,
    }),
    queueWait: new Histogram({
      name: 'flow_queue_wait_seconds',
      help: 'From the acceptance of an event to the beginning of its run',
      buckets: SECONDS,
      registers,
    }),
    batchSize: new Histogram({
      name: 'flow_batch_size',
      help: 'Documents that shared one write to MongoDB, by kind (record, commit)',
      labelNames: ['kind'],
      buckets: BATCH_SIZES,
      registers,
    }),
    batchSeconds: new Histogram({
      name: 'flow_batch_write_seconds',
      help: 'How long one write to MongoDB took until it was durable, by kind (record, commit)',
      labelNames: ['kind'],
      buckets: SECONDS,
      registers,
    }),
    runSeconds: new Histogram({
      name: 'flow_run_seconds',
      help: 'From the acceptance of an event to the end of its run, by final status',
      labelNames: ['status'],
      buckets: SECONDS,
      registers,
    }),
    scriptSeconds: new Histogram({
      name: 'flow_script_seconds',
      help: 'How long scripts ran, by outcome: returned, or the code of the failure',
      labelNames: ['outcome'],
      buckets: SECONDS,
      registers,
    }),
  };
}
