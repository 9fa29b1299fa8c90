import { type Log } from '@app/observability';

export interface ShutdownStep {
  readonly name: string;
  /**
   * The step only disconnects from something outside this process, such as a store, which may be gone. An error of
   * such a step is logged and fails nothing, and a step that takes longer than `LEAVE_MS_MAX` is abandoned.
   */
  readonly leaves?: boolean;
  run(): Promise<void> | void;
}

/** How long a step that `leaves` may take, in milliseconds; less if the whole time is short. */
const LEAVE_MS_MAX = 2_000;
const LEAVE_SHARE_MAX = 1 / 8;

export interface ShutdownOptions {
  readonly log: Log;
  /** In order: stop being ready, stop taking work, finish what is in flight, close. */
  readonly steps: readonly ShutdownStep[];
  /** How long all steps may take together, in milliseconds; then the process exits. */
  readonly graceMs: number;
}

/** The part of `process` that is needed here. */
export interface HostProcess {
  on(event: string, listener: (subject: unknown) => void): unknown;
  exit(code: number): void;
}

/**
 * Ends a process in order. SIGTERM or SIGINT runs the steps one after the other and exits with 0; with 1 if the steps
 * took too long or one failed that is not a `leaves`. A second signal exits at once. An uncaught error is logged and
 * exits with 1 without any step: the state is unknown, and every promise of the product holds for a process that is
 * killed.
 */
export class ShutdownSequence {
  #begun = false;
  #deadline: NodeJS.Timeout | undefined;

  constructor(
    private readonly host: HostProcess,
    private readonly options: ShutdownOptions,
  ) {}

  /** Call once, after the app is up. */
  listen(): void {
    for (const signal of ['SIGTERM', 'SIGINT']) {
      this.host.on(signal, () => {
        this.#onSignal(signal);
      });
    }
    for (const event of ['uncaughtException', 'unhandledRejection']) {
      this.host.on(event, (err) => {
        this.options.log.error({ err, event }, 'An error was not caught; ending');
        this.host.exit(1);
      });
    }
  }

  #onSignal(signal: string): void {
    const { log, graceMs } = this.options;
    if (this.#begun) {
      clearTimeout(this.#deadline);
      log.warn({ signal }, 'Second signal: ending at once');
      this.host.exit(1);
      return;
    }
    this.#begun = true;
    log.info({ signal, graceMs }, 'Shutting down');
    void this.#runWithin(graceMs);
  }

  async #runWithin(graceMs: number): Promise<void> {
    this.#deadline = setTimeout(() => {
      this.options.log.error({ graceMs }, 'Shutting down took too long; ending at once');
      this.host.exit(1);
    }, graceMs);
    const succeeded = await this.#runSteps();
    clearTimeout(this.#deadline);
    this.host.exit(succeeded ? 0 : 1);
  }

  /** A failed step does not keep the next ones from running, because they free other resources. */
  async #runSteps(): Promise<boolean> {
    const { log, steps } = this.options;
    let succeeded = true;
    for (const step of steps) {
      try {
        await (step.leaves === true ? this.#leave(step) : step.run());
        log.debug({ step: step.name }, 'Shutdown step done');
      } catch (err) {
        succeeded = false;
        log.error({ err, step: step.name }, 'Shutdown step failed');
      }
    }
    return succeeded;
  }

  async #leave(step: ShutdownStep): Promise<void> {
    const { log, graceMs } = this.options;
    const msMax = Math.min(LEAVE_MS_MAX, graceMs * LEAVE_SHARE_MAX);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        log.info({ step: step.name, msMax }, 'Not waited for: what it leaves does not answer');
        resolve();
      }, msMax);
    });
    const leaving = (async () => step.run())().catch((err: unknown) => {
      log.info({ step: step.name, err }, 'What it leaves is gone');
    });
    await Promise.race([leaving, late]);
    clearTimeout(timer);
  }
}
