import { type SeededRandom } from '@app/workflow-engine/testing';
import { type SimulatedExecutor } from './simulated-executor.js';
import { SimulatedProcess } from './simulated-process.js';
import { type Trace } from './trace.js';
import { type VirtualTime } from './virtual-time.js';

export interface Running {
  readonly process: SimulatedProcess;
  readonly executor: SimulatedExecutor;
}

/** The executors that there are, and what happens to them. */
export class SimulatedFleet {
  readonly #running: Running[] = [];
  readonly #owners = new Map<SimulatedProcess, string>();
  #processes = 0;

  /** @param make an executor, given its number from 1 on */
  constructor(
    private readonly time: VirtualTime,
    private readonly random: SeededRandom,
    private readonly trace: Trace,
    private readonly make: (process: SimulatedProcess, nth: number) => SimulatedExecutor,
  ) {}

  get all(): readonly Running[] {
    return this.#running;
  }

  /** The name of its executor on leases. */
  ownerOf(process: SimulatedProcess): string | undefined {
    return this.#owners.get(process);
  }

  launch(): void {
    this.#processes += 1;
    const process = new SimulatedProcess(`E${this.#processes}`, this.time);
    const executor = this.make(process, this.#processes);
    this.#owners.set(process, executor.owner);
    this.#running.push({ process, executor });
  }

  any(): Running {
    const [first, ...rest] = this.#running;
    if (!first) throw new Error('There is always one');
    return this.random.pick(first, ...rest);
  }

  notify(activityId: string): void {
    for (const { process, executor } of this.#running)
      if (process.isRunning) executor.notify(activityId);
  }

  pause(ms: number): void {
    const { process } = this.any();
    this.trace.add(process.name, `is paused for ${ms} ms`);
    process.pause(ms);
  }

  cutOff(ms: number): void {
    const { process } = this.any();
    this.trace.add(process.name, `is cut off from the store for ${ms} ms`);
    process.cutOff(ms);
  }

  kill(): void {
    const killed = this.any();
    this.trace.add(killed.process.name, 'is killed');
    killed.process.kill();
    this.#replace(killed);
  }

  stop(): void {
    const stopped = this.any();
    this.trace.add(stopped.process.name, 'is told to stop');
    void stopped.executor.stop().then(() => {
      this.trace.add(stopped.process.name, 'has stopped');
      stopped.process.kill();
    });
    this.#replace(stopped);
  }

  /** Says it when somebody has something in hand although nothing is left to do. */
  judgeIdle(): void {
    for (const { process, executor } of this.#running) {
      const { runs, bytes } = executor.inHand;
      if (runs + bytes > 0)
        this.trace.violation(`${process.name} keeps ${runs} runs and ${bytes} bytes for ever`);
    }
  }

  end(): void {
    for (const { process } of this.#running) process.kill();
  }

  #replace(gone: Running): void {
    this.#running.splice(this.#running.indexOf(gone), 1);
    this.launch();
  }
}
