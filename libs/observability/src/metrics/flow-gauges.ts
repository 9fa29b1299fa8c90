import { Gauge, type Registry } from 'prom-client';
import { CachedReading, READING } from './cached-reading.js';

/** The number of events and worker answers that are in NATS and not on record yet, and the age of the oldest in seconds. */
export interface OnlyInNats {
  readonly events: number;
  readonly seconds: number;
}

/** The metrics that are read when Prometheus asks. Each method declares one, with what reads its value. */
export class FlowGauges {
  readonly #inFlight = new Map<string, () => number>();

  constructor(private readonly registry: Registry) {
    this.#declareInFlight();
  }

  /** Reports how much of `what` is in flight; `read` is called at each scrape. */
  inFlight(what: string, read: () => number): void {
    this.#inFlight.set(what, read);
  }

  /** Reports activities that are not final, by status; `read` is called every five seconds at most. */
  backlog(read: () => Promise<Readonly<Record<string, number>>>): void {
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
  lacking(read: () => Promise<number>): void {
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
  onlyInNats(read: () => Promise<OnlyInNats>): void {
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
  clockOffset(read: () => number): void {
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
  overdue(read: () => Promise<number>): void {
    this.#declareReading(
      'flow_overdue_seconds',
      'How long the oldest due activity has waited for an executor; 0 when none is due; no value while MongoDB does not answer',
      new CachedReading(read, READING),
      (value) => value,
    );
  }

  /** Reports the share of their bound that dead letters take; `read` is called every five seconds at most. */
  deadLetters(read: () => Promise<number>): void {
    this.#declareReading(
      'flow_dead_letters_fill_ratio',
      'Dead letters as a share of their bound, by number or bytes, whichever is larger; beyond 1 those left may not be removed; no value while MongoDB does not answer',
      new CachedReading(read, READING),
      (value) => value,
    );
  }

  /** Reports for each dependency whether it is up; `read` is called at each scrape. */
  dependencies(read: () => Iterable<{ readonly name: string; readonly status: string }>): void {
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
