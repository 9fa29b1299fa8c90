import { type SeededRandom } from '@app/workflow-engine/testing';
import { type TaskCall, TaskHandler, type TaskOutcome } from '../../tasks/task-handler.js';
import { type SimulatedProcess } from './simulated-process.js';
import { type Trace } from './trace.js';
import { type VirtualTime } from './virtual-time.js';

/** What becomes of a call: `done` is a success, `lost` one whose answer got lost on the way. */
export type Outcome = 'done' | 'refused' | 'rejected' | 'lost-done' | 'lost-undone';

/** The code of every failure that a call brings. */
export const ANSWERED = 'HTTP_STATUS';

export interface MadeCall {
  /** Of the call, counted over all; its results carry it. */
  readonly number: number;
  /** `<activity>:<task>` */
  readonly task: string;
  readonly key: string;
  readonly attempt: number;
  readonly repeats: number;
  readonly outcome: Outcome;
  readonly by: SimulatedProcess;
  readonly abort: AbortSignal;
  /** Its parameters, as JSON; its results have them, too. */
  readonly sent: string;
  /** When the caller knew what became of it. */
  deliveredAt?: number;
}

/** What tasks do to the world. Nothing that goes wrong with a caller stops a call that was made. */
export class SimulatedTarget {
  readonly calls: MadeCall[] = [];

  constructor(
    private readonly time: VirtualTime,
    private readonly random: SeededRandom,
    private readonly trace: Trace,
    private readonly onCall: (call: MadeCall) => void,
    private readonly isCalm: () => boolean,
  ) {}

  /** As one process reaches it. */
  handlerOf(by: SimulatedProcess): TaskHandler {
    return new SimulatedTasks((call) => this.#call(call, by));
  }

  async #call(
    { effect, idempotencyKey, abort }: TaskCall,
    by: SimulatedProcess,
  ): Promise<TaskOutcome> {
    const { attempt, repeats = 0 } = effect;
    await by.awake();
    const key = idempotencyKey;
    const task = key.slice(0, key.lastIndexOf(':'));
    const number = this.calls.length + 1;
    const call: MadeCall = {
      number,
      task,
      key,
      attempt,
      repeats,
      outcome: this.#outcome(),
      by,
      abort,
      sent: JSON.stringify(effect.params),
    };
    this.calls.push(call);
    this.trace.add(
      by.name,
      `call ${number} ${label(key)} attempt ${attempt}.${repeats}: ${call.outcome}`,
    );
    this.onCall(call);
    await this.time.wait(this.#takesMs());
    await by.awake();
    if (!abort.aborted) {
      call.deliveredAt = this.time.now;
      this.trace.add(by.name, `call ${number} answered`);
    }
    return outcomeOf(call);
  }

  #outcome(): Outcome {
    if (this.isCalm()) return 'done';
    return this.random.pick(
      'done',
      'done',
      'refused',
      'refused',
      'rejected',
      'lost-done',
      'lost-undone',
    );
  }

  #takesMs(): number {
    if (this.isCalm()) return 10;
    return this.random.below(this.random.pick(50, 50, 2_000, 25_000));
  }
}

class SimulatedTasks extends TaskHandler {
  constructor(override readonly run: (call: TaskCall) => Promise<TaskOutcome>) {
    super();
  }
}

function outcomeOf({ outcome, number, sent }: MadeCall): TaskOutcome {
  const results = { call: number, sent };
  if (outcome === 'done') return { kind: 'succeeded', results };
  const outcomeKnown = outcome === 'refused' || outcome === 'rejected';
  const retryable = outcome !== 'rejected';
  return { kind: 'failed', code: ANSWERED, message: outcome, retryable, outcomeKnown, results };
}

/** A key without the most of the activity's id. */
export function label(key: string): string {
  const [activity = '', ...rest] = key.split(':');
  return [activity.slice(0, 6), ...rest].join(':');
}
