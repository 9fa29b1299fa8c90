import { ByteBudget } from '@app/http';

/** The bounds of the memory of runs; all in bytes as they are stored. */
export interface RunMemoryLimits {
  /** Events and states of the activities in flight. */
  readonly activityBytesMax: number;
  /** Answers of calls that are being read, and are not on record. */
  readonly answerBytesMax: number;
}

/**
 * Bounds the bytes that all runs hold together. Beyond the bound a run waits before it begins, and an answer before it
 * is read. Runs and answers have separate budgets: with one, answers could wait for room that only the end of their own
 * runs would free.
 */
export class RunMemory {
  readonly #activities: ByteBudget;
  readonly #answers: ByteBudget;

  constructor({ activityBytesMax, answerBytesMax }: RunMemoryLimits) {
    this.#activities = new ByteBudget(activityBytesMax, Number.POSITIVE_INFINITY);
    this.#answers = new ByteBudget(answerBytesMax, Number.POSITIVE_INFINITY);
  }

  static unbounded(): RunMemory {
    const none = Number.POSITIVE_INFINITY;
    return new RunMemory({ activityBytesMax: none, answerBytesMax: none });
  }

  get activityBytes(): number {
    return this.#activities.heldBytes;
  }

  get answerBytes(): number {
    return this.#answers.heldBytes;
  }

  /** The room for due activities, at least an eighth of the bound: so they begin also under load. */
  get freeBytes(): number {
    const { bytesMax, heldBytes } = this.#activities;
    return Math.max(bytesMax - heldBytes, bytesMax / 8);
  }

  /** Whether a run could reserve so many bytes now. */
  hasRoomFor(bytes: number): boolean {
    const { bytesMax, heldBytes } = this.#activities;
    return heldBytes === 0 || heldBytes + bytes <= bytesMax;
  }

  /** Reserves memory for a run; undefined if there is no room now. */
  tryReserve(bytes: number): RunReservation | undefined {
    return this.#activities.tryTake(bytes) ? this.#reservationOf(bytes) : undefined;
  }

  /** Reserves memory for a run, once there is room. */
  async reserve(bytes: number): Promise<RunReservation> {
    await this.#activities.take(bytes);
    return this.#reservationOf(bytes);
  }

  /** Reserves memory without waiting for room. */
  force(bytes: number): RunReservation {
    this.#activities.force(bytes);
    return this.#reservationOf(bytes);
  }

  #reservationOf(bytes: number): RunReservation {
    return new RunReservation(this.#activities, this.#answers, bytes);
  }
}

/** The memory that is reserved for one run. The caller that received it has to release it. */
export class RunReservation {
  #isReleased = false;

  constructor(
    private readonly activities: ByteBudget,
    private readonly answers: ByteBudget,
    private heldBytes: number,
  ) {}

  get bytes(): number {
    return this.heldBytes;
  }

  /** A reservation for the answer of one call. */
  answer(): AnswerReservation {
    return new AnswerReservation(this.answers, (bytes) => {
      this.#grow(bytes);
    });
  }

  /** Reserves at least `bytes` in all. Call it when the record was read again: signals in its inbox make it larger. */
  growTo(bytes: number): void {
    if (bytes > this.heldBytes) this.#grow(bytes - this.heldBytes);
  }

  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.activities.give(this.heldBytes);
  }

  #grow(bytes: number): void {
    if (this.#isReleased) return;
    this.heldBytes += bytes;
    this.activities.force(bytes);
  }
}

/** The memory that is reserved for the answer of one call. Its bytes are added to the run's when it is released. */
export class AnswerReservation {
  #bytes = 0;
  #isReleased = false;

  constructor(
    private readonly budget: ByteBudget,
    private readonly addToRun: (bytes: number) => void,
  ) {}

  /** Resolves when an answer of so many bytes may be read. Call it once. */
  async take(bytes: number): Promise<void> {
    await this.budget.take(bytes);
    if (this.#isReleased) this.budget.give(bytes);
    else this.#bytes = bytes;
  }

  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    if (this.#bytes === 0) return;
    this.budget.give(this.#bytes);
    this.addToRun(this.#bytes);
  }
}
