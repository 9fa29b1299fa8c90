import { type JsonLimits } from '@app/json';
import { type CallLimiter } from '../call-limiter.js';
import { type TaskCall, TaskHandler, type TaskOutcome } from '../task-handler.js';
import { type ScriptAnswer, type ScriptFailureCode, type ScriptLimits } from './script-answer.js';
import { inputText, newMark, resultsOf } from './script-json.js';
import { ScriptThread } from './script-thread.js';

/** Observes each script that ran, and each thread that had to be replaced. */
export interface ScriptObserver {
  /** @param outcome `returned`, or the code of the failure */
  readonly ran: (outcome: 'returned' | ScriptFailureCode, ms: number) => void;
  readonly threadLost: () => void;
}

/** The one origin of all scripts: they share one queue, in which the workflows take turns. */
const LINE = 'script';

/** The failures that may be due to a busy machine. Others would repeat with the same input. */
const RETRYABLE: readonly ScriptFailureCode[] = ['SCRIPT_TIMEOUT', 'SCRIPT_THREAD_LOST'];

/** Runs each `script` task in a thread, at most as many at a time as the limiter has slots. */
export class ScriptTaskHandler extends TaskHandler<'script'> {
  readonly #idle: ScriptThread[] = [];
  readonly #threads = new Set<ScriptThread>();

  /**
   * @param limiter limits the scripts that run and wait
   * @param entry the path of the thread's module
   */
  constructor(
    private readonly limiter: CallLimiter,
    private readonly limits: ScriptLimits,
    private readonly json: JsonLimits,
    private readonly observer: ScriptObserver,
    private readonly entry = new URL('./script-worker.js', import.meta.url),
  ) {
    super();
  }

  override async run(call: TaskCall<'script'>): Promise<TaskOutcome> {
    const { workflowId, bytes, abort } = call;
    const entry = this.limiter.acquire({ origin: LINE, workflowId, bytes }, abort);
    if (entry.kind === 'full') return { kind: 'postponed', delayMs: entry.delayMs };
    if (entry.kind === 'waiting') call.report('queued');
    const leave = entry.kind === 'waiting' ? await entry.entered : entry.leave;
    try {
      if (entry.kind === 'waiting') call.report('begun');
      return await this.#runNow(call);
    } finally {
      leave();
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#threads].map((thread) => thread.close()));
  }

  async #runNow({ effect, abort, roomForAnswer }: TaskCall<'script'>): Promise<TaskOutcome> {
    const mark = newMark();
    const { source, input } = effect.params;
    const job = { source, input: inputText(input, mark), mark };
    const begunAt = performance.now();
    const thread = this.#idle.pop() ?? this.#newThread();
    const answer = await thread.run(job, abort);
    this.#idle.push(thread);
    const outcome = answer.kind === 'failed' ? answer.code : answer.kind;
    this.observer.ran(outcome, performance.now() - begunAt);
    if (answer.kind === 'failed') return failed(answer);
    if (answer.json !== undefined) await roomForAnswer(Buffer.byteLength(answer.json));
    const parsed = resultsOf(answer.json, mark, this.json);
    if (parsed.kind === 'results') return { kind: 'succeeded', results: parsed.results };
    const message = `What the script returned ${parsed.detail}`;
    return failed({ kind: 'failed', code: 'SCRIPT_RESULT_INVALID', message });
  }

  #newThread(): ScriptThread {
    const thread = new ScriptThread(this.entry, this.limits, this.observer.threadLost);
    this.#threads.add(thread);
    return thread;
  }
}

/** The outcome of a failed script. Its `outcomeKnown` is true, because a script has no effect outside. */
function failed({ code, message }: Extract<ScriptAnswer, { kind: 'failed' }>): TaskOutcome {
  const retryable = RETRYABLE.includes(code);
  return { kind: 'failed', code, message, retryable, outcomeKnown: true };
}
