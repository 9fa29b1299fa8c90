import { Worker } from 'node:worker_threads';
import {
  type ScriptAnswer,
  scriptFailed,
  type ScriptJob,
  type ScriptLimits,
  type ScriptRequest,
  type ScriptThreadData,
} from './script-answer.js';

/** How long a stopped script may take to end before its thread is terminated, in milliseconds. */
const GRACE_MS = 250;
/** How long a new thread may take until it runs a script, in milliseconds. */
const START_MS_MAX = 30_000;

const LOST = scriptFailed('SCRIPT_THREAD_LOST', 'The thread of the script ended before the script');

type ThreadMessage =
  { readonly kind: 'begun' } | { readonly kind: 'answered'; readonly answer: ScriptAnswer };

interface Running {
  readonly number: number;
  readonly end: (answer: ScriptAnswer) => void;
  /** The answer if the thread has to be terminated. */
  late: ScriptAnswer;
  timer: NodeJS.Timeout;
}

/** Runs one script at a time in a thread. If the thread hangs or dies, the next script gets a new one. */
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

  /** Runs a script. Never rejects. Call it only when no other script runs. */
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

  /** Terminates the thread. A running script fails with `SCRIPT_THREAD_LOST`. */
  async close(): Promise<void> {
    await this.#discard();
  }

  #begin(): Worker {
    const workerData: ScriptThreadData = { limits: this.limits, stopped: this.#stopped };
    // The memory of a script is in WebAssembly, outside of these limits.
    const resourceLimits = { maxOldGenerationSizeMb: 64, stackSizeMb: 8 };
    const worker = new Worker(this.entry, { workerData, resourceLimits, env: {}, argv: [] });
    worker.unref();
    worker.on('message', (received: ThreadMessage) => {
      if (worker === this.#worker) this.#receive(received);
    });
    const lose = (): void => {
      if (worker === this.#worker) this.#lose();
    };
    worker.on('error', lose);
    worker.on('exit', lose);
    return worker;
  }

  #receive(received: ThreadMessage): void {
    if (received.kind === 'answered') {
      this.#end(received.answer);
      return;
    }
    const running = this.#running;
    // A script that was stopped before it began keeps the timer of its stop.
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
