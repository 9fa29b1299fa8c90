import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import releaseVariant from '@jitl/quickjs-wasmfile-release-sync';
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSSyncVariant,
} from 'quickjs-emscripten-core';
import {
  type ScriptAnswer,
  scriptFailed,
  type ScriptJob,
  type ScriptLimits,
} from './script-answer.js';
import { PRELUDE } from './script-prelude.js';

/** The package's types describe its CommonJS build, in which the default export is the module. */
const RELEASE = releaseVariant as unknown as QuickJSSyncVariant;

const QUIET: object = { print: ignore, printErr: ignore };

/** The initial memory of a sandbox in pages of 64 KiB: 16 MiB, the least that the module accepts. */
const PAGES_MIN = 256;
const PAGE_BYTES = 65_536;
/** Memory grows in steps. Beyond this share of the maximum, there may be no room for another step. */
const FULL = 0.75;
/** The most bytes of the script's call stack, which the engine checks. The stack of the thread must be larger. */
const STACK_BYTES_MAX = 256 * 1_024;
/** The number of promise jobs between two checks of the clock. */
const JOBS_AT_ONCE = 100;
const MESSAGE_CHARS_MAX = 800;

/** Compiles the engine, once for all sandboxes. */
export function compileEngine(): Promise<WebAssembly.Module> {
  const require = createRequire(import.meta.url);
  const file = require.resolve('@jitl/quickjs-wasmfile-release-sync/wasm');
  return readFile(file).then((bytes) => WebAssembly.compile(bytes));
}

/**
 * One sandbox for one script: QuickJS in WebAssembly, with nothing of the host in it.
 *
 * S1. A script receives text and returns text; no object and no function crosses the border.
 * S2. Each script has a new instance, so that it can't find anything of another script, even if memory is corrupted.
 * S3. The memory is one of ours with a maximum, because the engine's own limit does not hold in
 *     WebAssembly: it grew to 2 GB where 16 MB were allowed.
 *     If there is not even room for an error, the engine throws `null`.
 * S4. The engine asks the clock between instructions of the script, but not within one (such as joining an
 *     array of a hundred million). The caller must run it in a thread that it can end.
 */
export class ScriptSandbox {
  private constructor(
    private readonly context: QuickJSContext,
    private readonly run: QuickJSHandle,
    private readonly limits: ScriptLimits,
    private readonly isFull: () => boolean,
  ) {}

  static async create(engine: WebAssembly.Module, limits: ScriptLimits): Promise<ScriptSandbox> {
    const maximum = Math.max(PAGES_MIN, Math.floor(limits.memoryBytesMax / PAGE_BYTES));
    const wasmMemory = new WebAssembly.Memory({ initial: PAGES_MIN, maximum });
    const isFull = (): boolean => wasmMemory.buffer.byteLength > FULL * maximum * PAGE_BYTES;
    const variant = newVariant(RELEASE, {
      wasmModule: engine,
      wasmMemory,
      // What the module would print when it gives up; it throws besides.
      emscriptenModule: QUIET,
    });
    const runtime = (await newQuickJSWASMModuleFromVariant(variant)).newRuntime();
    runtime.setMaxStackSize(STACK_BYTES_MAX);
    const context = runtime.newContext();
    const run = context.unwrapResult(context.evalCode(PRELUDE, 'prelude.js'));
    return new ScriptSandbox(context, run, limits, isFull);
  }

  /**
   * Runs a script to its end. Call it once. It never throws.
   *
   * @param isStopped called often; true ends the script
   */
  answerTo(job: ScriptJob, isStopped: () => boolean): ScriptAnswer {
    const endsAt = performance.now() + this.limits.msMax;
    let ending: ScriptAnswer | undefined;
    const mayGoOn = (): boolean => {
      if (performance.now() >= endsAt) ending ??= tookTooLong(this.limits.msMax);
      else if (isStopped()) ending ??= scriptFailed('SCRIPT_TIMEOUT', 'The script was stopped');
      return ending === undefined;
    };
    this.context.runtime.setInterruptHandler(() => !mayGoOn());
    try {
      const answer = this.#settled(this.#begin(job), mayGoOn);
      return ending ?? answer;
    } catch (error) {
      return ending ?? this.#answerOfBroken(error);
    }
  }

  #begin({ source, input, mark }: ScriptJob): QuickJSHandle {
    const { context } = this;
    const args = [source, input, mark].map((text) => context.newString(text));
    const called = context.callFunction(this.run, context.undefined, ...args);
    return context.unwrapResult(called);
  }

  #settled(promise: QuickJSHandle, mayGoOn: () => boolean): ScriptAnswer {
    const { context } = this;
    for (;;) {
      const state = context.getPromiseState(promise);
      if (state.type === 'fulfilled') return this.#answerIn(state.value);
      if (state.type === 'rejected') return this.#answerOfBroken(context.dump(state.error));
      if (!mayGoOn()) return NEVER_SETTLED;
      if (!context.runtime.hasPendingJob()) return this.#unlessFull(NEVER_SETTLED);
      const done = context.runtime.executePendingJobs(JOBS_AT_ONCE);
      if (done.error) return this.#answerOfBroken(context.dump(done.error));
    }
  }

  /** The prelude's answer: a letter for what it is, and the text. */
  #answerIn(value: QuickJSHandle): ScriptAnswer {
    const { resultBytesMax } = this.limits;
    // Checked before the text is copied: it has at least as many bytes as characters.
    if (this.#charsOf(value) - 1 > resultBytesMax) return tooLarge(resultBytesMax);
    const text = this.context.getString(value);
    const rest = text.slice(1);
    switch (text.charAt(0)) {
      case 'R':
        return Buffer.byteLength(rest) > resultBytesMax
          ? tooLarge(resultBytesMax)
          : { kind: 'returned', json: rest };
      case 'U':
        return { kind: 'returned' };
      case 'S':
        return scriptFailed('SCRIPT_INVALID', `The script is no JavaScript: ${cut(rest)}`);
      case 'J':
        return scriptFailed('SCRIPT_RESULT_INVALID', `What it returned is no JSON: ${cut(rest)}`);
      default:
        return rest === 'null' ? this.#unlessFull(answerOfThrown(rest)) : answerOfThrown(rest);
    }
  }

  #answerOfBroken(error: unknown): ScriptAnswer {
    const { message = '' } = Object(error) as Partial<Error>;
    return message === '' ? this.#unlessFull(answerOfBroken(error)) : answerOfBroken(error);
  }

  /** Where memory is full, that is why: QuickJS drops jobs that it has no memory for, and errors as well. */
  #unlessFull(answer: ScriptAnswer): ScriptAnswer {
    return this.isFull() ? OUT_OF_MEMORY : answer;
  }

  #charsOf(text: QuickJSHandle): number {
    return this.context.getProp(text, 'length').consume((length) => this.context.getNumber(length));
  }
}

const NEVER_SETTLED = scriptFailed(
  'SCRIPT_FAILED',
  'The script waits for a promise that nothing will ever settle',
);

function tookTooLong(msMax: number): ScriptAnswer {
  const message = `The script had not ended after ${msMax} ms (SCRIPT_MS_MAX)`;
  return scriptFailed('SCRIPT_TIMEOUT', message);
}

function tooLarge(bytesMax: number): ScriptAnswer {
  const message = `The results are larger than ${bytesMax} bytes (SCRIPT_RESULT_BYTES_MAX)`;
  return scriptFailed('SCRIPT_RESULT_TOO_LARGE', message);
}

/** @param thrown name, message and place, as the prelude puts them together */
function answerOfThrown(thrown: string): ScriptAnswer {
  if (thrown.startsWith('InternalError: out of memory')) return OUT_OF_MEMORY;
  return scriptFailed('SCRIPT_FAILED', `The script threw ${cut(thrown)}`);
}

const OUT_OF_MEMORY = scriptFailed(
  'SCRIPT_OUT_OF_MEMORY',
  'The script needs more memory than it may have (SCRIPT_MEMORY_MEBIBYTES_MAX)',
);

/** The answer to an error of the engine itself: it ran out of stack or memory and could not report it to the script. */
function answerOfBroken(error: unknown): ScriptAnswer {
  const { name = '', message = '' } = Object(error) as Partial<Error>;
  if (name === 'RangeError' && message.includes('call stack')) {
    return scriptFailed('SCRIPT_FAILED', 'The script nests calls or values too deep');
  }
  if (message.includes('out of memory')) return OUT_OF_MEMORY;
  return scriptFailed('SCRIPT_FAILED', `The script broke its sandbox: ${cut(message)}`);
}

function cut(text: string): string {
  return text.length <= MESSAGE_CHARS_MAX ? text : `${text.slice(0, MESSAGE_CHARS_MAX - 1)}…`;
}

function ignore(): void {
  // On purpose.
}
