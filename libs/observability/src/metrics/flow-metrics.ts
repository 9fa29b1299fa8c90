import { Gauge, type Histogram, Registry } from 'prom-client';
import { CachedReading, READING } from './cached-reading.js';
import {
  declareHistograms,
  declareTallies,
  FINAL_STATUSES,
  type Tallies,
  type NATS_REPAIRS,
  type TRANSPORTS,
} from './declarations.js';

type Transport = (typeof TRANSPORTS)[number];
export type NatsRepair = (typeof NATS_REPAIRS)[number];
type FinalStatus = (typeof FINAL_STATUSES)[number];
type Observed = Histogram.Internal<string>;
type BatchKind = 'record' | 'commit';

/** The number of events and worker answers that are in NATS and not on record yet, and the age of the oldest in seconds. */
export interface OnlyInNats {
  readonly events: number;
  readonly seconds: number;
}

/**
 * The metrics of the product, with a method for each. They are cheap enough for the hot path: a counter is one number
 * (see `Tally`), and the children of labelled histograms are looked up once, in the constructor.
 */
export class FlowMetrics {
  readonly #tallies: Tallies;
  readonly #httpSeconds: Observed;
  readonly #queueWait: Observed;
  readonly #batchSize: Readonly<Record<BatchKind, Observed>>;
  readonly #batchSeconds: Readonly<Record<BatchKind, Observed>>;
  readonly #runSeconds: ReadonlyMap<FinalStatus, Observed>;
  readonly #scriptSeconds: Histogram;
  readonly #inFlight = new Map<string, () => number>();

  constructor(readonly registry: Registry = new Registry()) {
    const { httpSeconds, queueWait, batchSize, batchSeconds, runSeconds, scriptSeconds } =
      declareHistograms(registry);
    this.#scriptSeconds = scriptSeconds;
    this.#tallies = declareTallies(registry);
    this.#httpSeconds = httpSeconds.labels();
    this.#queueWait = queueWait.labels();
    this.#batchSize = byKind(batchSize);
    this.#batchSeconds = byKind(batchSeconds);
    this.#runSeconds = new Map(FINAL_STATUSES.map((status) => [status, runSeconds.labels(status)]));
    this.#declareInFlight();
  }

  accepted(): void {
    this.#tallies.accepted.add();
  }

  rejected(code: string): void {
    this.#tallies.rejected.add(code);
  }

  duplicate(): void {
    this.#tallies.duplicate.add();
  }

  filtered(): void {
    this.#tallies.filtered.add();
  }

  overQuota(): void {
    this.#tallies.overQuota.add();
  }

  quotaUncounted(): void {
    this.#tallies.quotaUncounted.add();
  }

  decisionsDropped(decisions: number): void {
    this.#tallies.decisionsDropped.add('', decisions);
  }

  conflict(): void {
    this.#tallies.conflict.add();
  }

  dispatched(transport: Transport): void {
    this.#tallies.dispatched.add(transport);
  }

  dispatchFailed(transport: Transport): void {
    this.#tallies.dispatchFailed.add(transport);
  }

  deadLetter(code: string): void {
    this.#tallies.deadLetter.add(code);
  }

  natsRepaired(what: NatsRepair): void {
    this.#tallies.natsRepaired.add(what);
  }

  sweeperClaimed(activities: number): void {
    this.#tallies.claimed.add('', activities);
  }

  /** @param outcome `delivered`, `again` or `refused` */
  outboxAttempted(outcome: string): void {
    this.#tallies.outbox.add(outcome);
  }

  /** @param outcome `delivered`, `failed` or `given-up` */
  webhookAttempted(outcome: string): void {
    this.#tallies.webhook.add(outcome);
  }

  /** @param outcome `returned`, or the code of the failure */
  scriptRan(outcome: string, seconds: number): void {
    this.#scriptSeconds.observe({ outcome }, seconds);
  }

  /** A thread of scripts hung or died, and was replaced. */
  scriptThreadLost(): void {
    this.#tallies.scriptThreadLost.add();
  }

  /** No worker answered a task after the most deliveries allowed. */
  workerTaskExhausted(): void {
    this.#tallies.workerTaskExhausted.add();
  }

  /** A status event was not sent, because the outbox of its run was too full. */
  statusLeftOut(): void {
    this.#tallies.statusLeftOut.add();
  }

  /** @param of `succeeded`, `failed` or `refused` */
  activitiesRemoved(of: string, activities: number): void {
    this.#tallies.removed.add(of, activities);
  }

  /** @param seconds undefined for a request that was refused at once: such answers would hide how long the others take */
  httpAnswered(status: number, seconds?: number): void {
    this.#tallies.httpAnswered.add(String(status));
    if (seconds !== undefined) this.#httpSeconds.observe(seconds);
  }

  batchWritten(kind: BatchKind, documents: number, seconds: number): void {
    this.#batchSize[kind].observe(documents);
    this.#batchSeconds[kind].observe(seconds);
  }

  runBegan(queueWaitSeconds: number): void {
    this.#queueWait.observe(queueWaitSeconds);
  }

  runEnded(status: FinalStatus, seconds: number): void {
    this.#runSeconds.get(status)?.observe(seconds);
  }

  /** A run ended for a reason of the system, and not of its workflow or event; `code` is the code of its failure. */
  runBroken(code: string): void {
    this.#tallies.broken.add(code);
  }

  /** Reports how much of `what` is in flight; `read` is called at each scrape. */
  reportInFlight(what: string, read: () => number): void {
    this.#inFlight.set(what, read);
  }

  /** Reports activities that are not final, by status; `read` is called every five seconds at most. */
  reportBacklog(read: () => Promise<Readonly<Record<string, number>>>): void {
    const reading = new CachedReading(read, READING);
    new Gauge({
      name: 'flow_backlog',
      help: 'Activities that are not final, by status; no value while MongoDB does not answer',
      labelNames: ['status'],
      registers: [this.registry],
      async collect(): Promise<void> {
        const backlog = await reading.get();
        this.reset();
        for (const [status, count] of Object.entries(backlog ?? {})) this.set({ status }, count);
      },
    });
  }

  /** Reports activities that are not final and that this build can't run; `read` is called every five seconds at most. */
  reportLacking(read: () => Promise<number>): void {
    this.#declareReading(
      'flow_waiting_for_build',
      'Activities that are not final and require what this build lacks; no value while MongoDB does not answer',
      new CachedReading(read, READING),
      (value) => value,
    );
  }

  /**
   * Reports events that are only in NATS; `read` is called every five seconds at most.
   * @see OnlyInNats
   */
  reportOnlyInNats(read: () => Promise<OnlyInNats>): void {
    const reading = new CachedReading(read, READING);
    this.#declareReading(
      'flow_only_in_nats_events',
      'Accepted events that may be only in NATS; no value while NATS does not answer',
      reading,
      ({ events }) => events,
    );
    this.#declareReading(
      'flow_only_in_nats_seconds',
      'Age of the oldest event that may be only in NATS, 0 when there is none; no value while NATS does not answer',
      reading,
      ({ seconds }) => seconds,
    );
  }

  /** Reports by how many seconds MongoDB's clock is ahead of this machine's; `read` is called at each scrape. */
  reportClockOffset(read: () => number): void {
    new Gauge({
      name: 'flow_clock_offset_seconds',
      help: "How far MongoDB's clock, which decides about leases, is ahead of this machine's",
      registers: [this.registry],
      collect(): void {
        this.set(read());
      },
    });
  }

  /** Reports for how many seconds an activity has been due without a claim; `read` is called every five seconds at most. */
  reportOverdue(read: () => Promise<number>): void {
    this.#declareReading(
      'flow_overdue_seconds',
      'How long the oldest due activity has waited for an executor; 0 when none is due; no value while MongoDB does not answer',
      new CachedReading(read, READING),
      (value) => value,
    );
  }

  /** Reports the share of their bound that dead letters take; `read` is called every five seconds at most. */
  reportDeadLetters(read: () => Promise<number>): void {
    this.#declareReading(
      'flow_dead_letters_fill_ratio',
      'Dead letters as a share of their bound, by number or bytes, whichever is larger; beyond 1 those left may not be removed; no value while MongoDB does not answer',
      new CachedReading(read, READING),
      (value) => value,
    );
  }

  /** Reports for each dependency whether it is up; `read` is called at each scrape. */
  reportDependencies(
    read: () => Iterable<{ readonly name: string; readonly status: string }>,
  ): void {
    new Gauge({
      name: 'flow_dependency_up',
      help: 'Whether this process reaches what it depends on: 1 or 0',
      labelNames: ['dependency'],
      registers: [this.registry],
      collect(): void {
        for (const { name, status } of read()) {
          this.set({ dependency: name }, status === 'up' ? 1 : 0);
        }
      },
    });
  }

  /** Declares a gauge that has no value while its reading has none. */
  #declareReading<Found>(
    name: string,
    help: string,
    reading: CachedReading<Found>,
    valueOf: (found: Found) => number,
  ): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      async collect(): Promise<void> {
        const found = await reading.get();
        this.remove();
        if (found !== undefined) this.set(valueOf(found));
      },
    });
  }

  #declareInFlight(): void {
    const readings = this.#inFlight;
    new Gauge({
      name: 'flow_in_flight',
      help: 'Work in flight at this moment',
      labelNames: ['what'],
      registers: [this.registry],
      collect(): void {
        for (const [what, read] of readings) this.set({ what }, read());
      },
    });
  }
}

function byKind(histogram: Histogram): Readonly<Record<BatchKind, Observed>> {
  return { record: histogram.labels('record'), commit: histogram.labels('commit') };
}
