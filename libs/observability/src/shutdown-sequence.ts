import { type Log } from './logging/log.js';

export interface ShutdownStep {
  readonly name: string;
  run(): Promise<void> | void;
}

export interface ShutdownOptions {
  readonly log: Log;
  /** In order: stop being ready, stop taking work, finish what is in flight, close. */
  readonly steps: readonly ShutdownStep[];
  /** How long all steps may take together, in milliseconds; after that the process ends anyhow. */
  readonly graceMs: number;
}

/** The part of `process` that is needed here. */
export interface HostProcess {
  on(event: string, listener: (subject: unknown) => void): unknown;
  exit(code: number): void;
}

/**
 * Ends a process in order. SIGTERM or SIGINT runs the steps one after the other, then exits with 0;
 * with 1 if a step failed or they took too long. A second signal exits at once. An error that nobody
 * caught is logged and exits with 1 without any step: the state is unknown, and every promise of the
 * product holds for a process that is killed.
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

  /** A step that fails does not keep the next ones, which free other things, from running. */
  async #runSteps(): Promise<boolean> {
    const { log, steps } = this.options;
    let succeeded = true;
    for (const step of steps) {
      try {
        await step.run();
        log.debug({ step: step.name }, 'Shutdown step done');
      } catch (err) {
        succeeded = false;
        log.error({ err, step: step.name }, 'Shutdown step failed');
      }
    }
    return succeeded;
  }
}
