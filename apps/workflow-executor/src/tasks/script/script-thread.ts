import { Worker } from 'node:worker_threads';
import {
  type ScriptAnswer,
  scriptFailed,
  type ScriptJob,
  type ScriptLimits,
  type ScriptRequest,
  type ScriptThreadData,
} from './script-answer.js';

/** How long a script that was told to end may go on, in milliseconds, before its thread is ended. */
const GRACE_MS = 250;
/** How long a thread may take until it runs the first script, in milliseconds. */
const START_MS_MAX = 30_000;

const LOST = scriptFailed('SCRIPT_THREAD_LOST', 'The thread of the script ended before the script');

type Told =
  { readonly kind: 'begun' } | { readonly kind: 'answered'; readonly answer: ScriptAnswer };

interface Running {
  readonly number: number;
  readonly end: (answer: ScriptAnswer) => void;
  /** What is told if the thread has to be ended. */
  late: ScriptAnswer;
  timer: NodeJS.Timeout;
}

/** A thread for one script at a time. A thread that hangs or dies is replaced by the next script. */
export class ScriptThread {
  readonly #stopped = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  #worker: Worker | undefined;
  #running: Running | undefined;
  #count = 0;

  constructor(
    private readonly entry: URL,
    private readonly limits: ScriptLimits,
    private readonly onLost: () => void,
  ) {}

  /** Never rejects. There must be no other under way. */
  run(job: ScriptJob, abort: AbortSignal): Promise<ScriptAnswer> {
    this.#count = (this.#count % 0x7fff_ffff) + 1;
    const number = this.#count;
    const stop = (): void => {
      this.#stop(number);
    };
    return new Promise<ScriptAnswer>((resolve) => {
      const end = (answer: ScriptAnswer): void => {
        abort.removeEventListener('abort', stop);
        resolve(answer);
      };
      this.#running = { number, end, late: LOST, timer: this.#endAfter(START_MS_MAX) };
      abort.addEventListener('abort', stop, { once: true });
      const worker = (this.#worker ??= this.#begin());
      worker.postMessage({ number, job } satisfies ScriptRequest);
      if (abort.aborted) stop();
    });
  }

  /** Whatever runs is lost. */
  async close(): Promise<void> {
    await this.#discard();
  }

  #begin(): Worker {
    const workerData: ScriptThreadData = { limits: this.limits, stopped: this.#stopped };
    // What a script needs is in WebAssembly: the rest of the thread has little to hold.
    const resourceLimits = { maxOldGenerationSizeMb: 64, stackSizeMb: 8 };
    const worker = new Worker(this.entry, { workerData, resourceLimits, env: {}, argv: [] });
    worker.unref();
    worker.on('message', (told: Told) => {
      if (worker === this.#worker) this.#hear(told);
    });
    const lose = (): void => {
      if (worker === this.#worker) this.#lose();
    };
    worker.on('error', lose);
    worker.on('exit', lose);
    return worker;
  }

  #hear(told: Told): void {
    if (told.kind === 'answered') {
      this.#end(told.answer);
      return;
    }
    const running = this.#running;
    // What was stopped before it had begun has the time that is left to it.
    if (running?.late !== LOST) return;
    const { msMax } = this.limits;
    clearTimeout(running.timer);
    const message = `The script had not ended after ${msMax} ms (SCRIPT_MS_MAX), and its thread was ended`;
    running.late = scriptFailed('SCRIPT_TIMEOUT', message);
    running.timer = this.#endAfter(msMax + GRACE_MS);
  }

  #stop(number: number): void {
    if (this.#running?.number !== number) return;
    Atomics.store(new Int32Array(this.#stopped), 0, number);
    clearTimeout(this.#running.timer);
    this.#running.late = scriptFailed('SCRIPT_TIMEOUT', 'The script was stopped');
    this.#running.timer = this.#endAfter(GRACE_MS);
  }

  #endAfter(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.#lose();
    }, ms);
  }

  #lose(): void {
    this.onLost();
    void this.#discard();
  }

  async #discard(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    if (this.#running) this.#end(this.#running.late);
    await worker?.terminate();
  }

  #end(answer: ScriptAnswer): void {
    const running = this.#running;
    this.#running = undefined;
    clearTimeout(running?.timer);
    running?.end(answer);
  }
}
