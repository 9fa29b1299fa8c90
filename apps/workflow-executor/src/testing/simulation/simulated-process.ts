import { type VirtualTime } from './virtual-time.js';

/**
 * What the system does to a process: it stops it for a while and lets it go on, or kills it. Whatever
 * a process asks the world, and whatever the world answers, passes here: a paused one neither sends nor
 * hears anything, and a dead one never again. What it had sent goes on without it.
 */
export class SimulatedProcess {
  #isDead = false;
  #isPaused = false;
  #isCutOff = false;
  readonly #waiting: (() => void)[] = [];

  constructor(
    readonly name: string,
    private readonly time: VirtualTime,
  ) {}

  get isDead(): boolean {
    return this.#isDead;
  }

  get isRunning(): boolean {
    return !this.#isDead && !this.#isPaused;
  }

  get isCutOff(): boolean {
    return this.#isCutOff;
  }

  kill(): void {
    this.#isDead = true;
  }

  pause(ms: number): void {
    this.#isPaused = true;
    this.time.after(ms, () => {
      this.#isPaused = false;
      for (const goOn of this.#waiting.splice(0)) goOn();
    });
  }

  cutOff(ms: number): void {
    this.#isCutOff = true;
    this.time.after(ms, () => {
      this.#isCutOff = false;
    });
  }

  /** Resolves when the process runs; never if it is dead. */
  async awake(): Promise<void> {
    while (this.#isPaused) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
    if (this.#isDead) await new Promise<never>(() => undefined);
  }
}
