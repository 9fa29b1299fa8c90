import { keysOf } from '@app/persistence';
import { isFinal, type WorkflowDefinition } from '@app/workflow-engine';
import { type SeededRandom } from '@app/workflow-engine/testing';
import { doneAgainIn, type Simulation } from './simulation.js';
import { isSwitch } from './simulated-switches.js';

const LOOK_MS = 3_000;
const RETRIES_MAX = 3;

/** People who have runs that failed tried again, by an executor's own code; several ask at the same time, and again. */
export class SimulatedRetrier {
  /** By the run that failed: what executors said the other one is. */
  readonly #answers = new Map<string, Set<string>>();
  /** The tasks that each run does anew. */
  readonly #anew: readonly string[];

  constructor(
    private readonly simulation: Simulation,
    private readonly random: SeededRandom,
    definition: WorkflowDefinition,
  ) {
    this.#anew = doneAgainIn(definition);
  }

  /** Looks at a run until it has ended; of one that failed, mostly another one is made. */
  attend(id: string, retries = 0): void {
    const { simulation, random } = this;
    const { records, time } = simulation;
    const { status = 'queued' } = records.peek(id) ?? {};
    if (!isFinal(status))
      time.after(1 + random.below(LOOK_MS), () => {
        this.attend(id, retries);
      });
    else if (status === 'failed' && retries < RETRIES_MAX && !simulation.isCalm) {
      const from = random.pick('failed', 'failed', 'start');
      for (let asks = random.pick(1, 1, 3); asks > 0; asks -= 1) this.#ask(id, from, retries);
    }
  }

  /** Says it when of one run two were made, or one that does not keep what it goes on from. */
  judgeEnd(): void {
    const { activities, records, trace } = this.simulation;
    for (const [id, answers] of this.#answers) {
      const made = activities.filter((one) => records.peek(one.id)?.retryOf?.activity === id);
      const told = [...answers];
      if (made.length !== 1 || told.length > 1 || made[0]?.id !== told[0])
        trace.violation(`${id.slice(0, 6)} has ${made.length} retries, and ${told.join(' ')} told`);
    }
    for (const { id } of activities) {
      const { retryOf, state } = records.peek(id) ?? {};
      if (retryOf?.from !== 'failed' || !state) continue;
      const before = records.peek(retryOf.activity);
      if (before && retryOf.keysOf !== keysOf(before))
        trace.violation(`${id.slice(0, 6)} has keys of its own`);
      for (const [name, was] of Object.entries(before?.state?.tasks ?? {})) {
        const is = state.tasks[name];
        const call = was.status === 'succeeded' && was.results['call'];
        // Of a run that ended before it came to the task, for the next retry.
        const isStillKept = is?.status === 'skipped' && is.kept !== undefined;
        const has = is?.status === 'succeeded' || isStillKept ? is.results?.['call'] : undefined;
        const isKept = has === call;
        if (typeof call === 'number' && !isKept && !this.#anew.includes(name))
          trace.violation(`${id.slice(0, 6)}:${name} has not what call ${call} brought`);
      }
    }
  }

  #ask(id: string, from: 'failed' | 'start', retries: number): void {
    const { fleet, trace, time, switches } = this.simulation;
    const { process, executor } = fleet.any();
    let isAnswered = false;
    const askedAt = time.now;
    const answered = (error: { readonly kind?: string; readonly code?: string }): void => {
      const isOff = !switches.was('workflow-1', true, askedAt, time.now) && isSwitch(error.code);
      const isSettling = error.code === 'ACTIVITY_SETTLING';
      const isLater = error.kind === 'transient' || error.kind === 'overloaded' || isSettling;
      isAnswered = !isLater && !isOff;
      if (isAnswered) trace.violation(`${id.slice(0, 6)} is not retried: ${error.code}`);
    };
    process
      .awake()
      .then(() => executor.retry(id, from, 'ada'))
      .then((retried) => {
        isAnswered = true;
        trace.add('ada', `retries ${id.slice(0, 6)} from ${from}: ${retried.slice(0, 6)}`);
        const known = this.#answers.get(id);
        this.#answers.set(id, new Set([...(known ?? []), retried]));
        if (!known) this.attend(retried, retries + 1);
      }, answered);
    time.after(LOOK_MS * 2, () => {
      if (!isAnswered) this.#ask(id, from, retries);
    });
  }
}
