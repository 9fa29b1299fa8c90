import { type Histogram, Registry } from 'prom-client';
import {
  declareHistograms,
  declareTallies,
  FINAL_STATUSES,
  type Tallies,
  type NATS_REPAIRS,
  type TRANSPORTS,
} from './declarations.js';
import { FlowGauges } from './flow-gauges.js';

type Transport = (typeof TRANSPORTS)[number];
export type NatsRepair = (typeof NATS_REPAIRS)[number];
type FinalStatus = (typeof FINAL_STATUSES)[number];
type Observed = Histogram.Internal<string>;
type BatchKind = 'record' | 'commit';

/**
 * The metrics of the product: a method for each that is counted or observed, and the gauges. The methods are cheap
 * enough for the hot path: a counter is one number (see `Tally`), and the children of labelled histograms are looked up
 * once, in the constructor.
 */
export class FlowMetrics {
  readonly gauges: FlowGauges;
  readonly #tallies: Tallies;
  readonly #httpSeconds: Observed;
  readonly #queueWait: Observed;
  readonly #batchSize: Readonly<Record<BatchKind, Observed>>;
  readonly #batchSeconds: Readonly<Record<BatchKind, Observed>>;
  readonly #runSeconds: ReadonlyMap<FinalStatus, Observed>;
  readonly #scriptSeconds: Histogram;

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
    this.gauges = new FlowGauges(registry);
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
}

function byKind(histogram: Histogram): Readonly<Record<BatchKind, Observed>> {
  return { record: histogram.labels('record'), commit: histogram.labels('commit') };
}
