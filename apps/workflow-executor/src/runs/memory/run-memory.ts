import { ByteBudget } from '@app/http';

/** What the runs of one executor may hold of its memory. All in bytes, of texts as they are stored. */
export interface RunMemoryLimits {
  /** Events and states of the activities that are worked on. */
  readonly activityBytesMax: number;
  /** Answers of calls that are being read, and are not on record yet. */
  readonly answerBytesMax: number;
}

/**
 * Bounds the bytes that runs hold, however many runs they are of. What does not fit waits its turn: a
 * run before it begins, an answer before it is read. Two budgets, because a run that waited for its
 * answer behind runs that wait for it to end would never end.
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

  /** For what is taken up besides messages. Never nothing: what is due has its turn under load, too. */
  get freeBytes(): number {
    const { bytesMax, heldBytes } = this.#activities;
    return Math.max(bytesMax - heldBytes, bytesMax / 8);
  }

  /** For a run, if there is room now. */
  tryHold(bytes: number): RunHold | undefined {
    return this.#activities.tryTake(bytes) ? this.#holdOf(bytes) : undefined;
  }

  /** For a run, once there is room. */
  async hold(bytes: number): Promise<RunHold> {
    await this.#activities.take(bytes);
    return this.#holdOf(bytes);
  }

  /** For what may not wait. */
  force(bytes: number): RunHold {
    this.#activities.force(bytes);
    return this.#holdOf(bytes);
  }

  #holdOf(bytes: number): RunHold {
    return new RunHold(this.#activities, this.#answers, bytes);
  }
}

/** What one run holds. Whoever got it releases it. */
export class RunHold {
  #isReleased = false;

  constructor(
    private readonly activities: ByteBudget,
    private readonly answers: ByteBudget,
    private heldBytes: number,
  ) {}

  get bytes(): number {
    return this.heldBytes;
  }

  /** For the answer of one call. */
  answer(): AnswerHold {
    return new AnswerHold(this.answers, (bytes) => {
      this.#grow(bytes);
    });
  }

  /** For a record that was read anew: signals have come, each with what somebody answers. */
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

/** What the answer of one call holds until it is on record; from then on it is a part of its run. */
export class AnswerHold {
  #bytes = 0;
  #isReleased = false;

  constructor(
    private readonly budget: ByteBudget,
    private readonly becomesPart: (bytes: number) => void,
  ) {}

  /** Resolves when an answer of so many bytes may be read. Once. */
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
    this.becomesPart(this.#bytes);
  }
}
