import { isFinal } from '@app/workflow-engine';
import { type SeededRandom } from '@app/workflow-engine/testing';
import { type Force } from '../../../api/tasks/task-signals.js';
import { type Simulation } from './simulation.js';

/** What an operator wants; `by` is unlike all others, and tells on record which of them it was. */
interface Wish {
  readonly id: string;
  readonly task: string;
  readonly force: Force;
}

const AGAIN_MS = 1_500;
/** The tasks of the runs that operators decide about. */
const TASKS = ['one', 'nap'] as const;

/**
 * People who decide what becomes of tasks, by an executor's own code. Each asks, under the same key, until answered. When all is
 * calm they complete what does not end by itself.
 */
export class SimulatedOperator {
  readonly #wishes = new Map<string, Wish>();

  constructor(
    private readonly simulation: Simulation,
    private readonly random: SeededRandom,
  ) {}

  /** Decides about a run a few times, at any time, and in the end about all that is left of it. */
  attend(id: string): void {
    const { random, simulation } = this;
    for (let times = random.below(5); times > 0; times -= 1)
      simulation.time.after(random.below(50_000), () => {
        const outcome = random.pick('retried', 'retried', 'succeeded', 'skipped', 'failed');
        this.#wish(id, random.pick(...TASKS), outcome);
      });
    simulation.time.after(60_000, () => {
      this.#completeRest(id);
    });
  }

  /** Says it when a request had two effects, or something is on record that nobody asked for. */
  judgeEnd(): void {
    const { activities, records, trace } = this.simulation;
    for (const { id } of activities) {
      const { operations = [], tasks = {} } = records.peek(id)?.state ?? {};
      const names = operations.map(({ by }) => by).filter((by) => this.#wishes.has(by));
      if (new Set(names).size < names.length)
        trace.violation(`${id.slice(0, 6)} was operated twice by one request: ${names.join(' ')}`);
      for (const [task, state] of Object.entries(tasks)) {
        if (!('forced' in state)) continue;
        const wish = this.#wishes.get(state.forced.by);
        if (wish?.id !== id || wish.task !== task || wish.force.outcome !== state.status)
          trace.violation(`${id.slice(0, 6)}:${task} is ${state.status}, and nobody wanted that`);
        else if (state.status === 'succeeded' && state.results['by'] !== wish.force.by)
          trace.violation(`${id.slice(0, 6)}:${task} has not the results that it was given`);
      }
    }
  }

  #completeRest(id: string): void {
    const { records, time } = this.simulation;
    const { status = 'queued', state } = records.peek(id) ?? {};
    if (isFinal(status)) return;
    for (const task of TASKS)
      if (state?.tasks[task]?.status === 'waiting') this.#wish(id, task, 'succeeded');
    time.after(5_000, () => {
      this.#completeRest(id);
    });
  }

  #wish(id: string, task: string, outcome: Force['outcome']): void {
    const by = `operator-${this.#wishes.size}`;
    const results = outcome === 'succeeded' && { results: { by } };
    const wish = { id, task, force: { outcome, by, reason: 'by hand', ...results } };
    this.#wishes.set(by, wish);
    this.#ask(wish);
  }

  #isDone(id: string, by: string): boolean {
    const { operations = [] } = this.simulation.records.peek(id)?.state ?? {};
    return operations.some((operation) => operation.by === by);
  }

  /** Of some executor, until one answers: also that it is too late. */
  #ask({ id, task, force }: Wish): void {
    const { fleet, trace, time } = this.simulation;
    const { process, executor } = fleet.any();
    const wasDone = this.#isDone(id, force.by);
    let isAnswered = false;
    const answered = (error?: unknown): void => {
      const { kind, code = 'done' } = (error ?? {}) as { kind?: string; code?: string };
      if (kind === 'transient' || kind === 'overloaded') return;
      isAnswered = true;
      if (wasDone && error !== undefined)
        trace.violation(`${force.by} asks for what was done, and is told ${code}`);
      trace.add(force.by, `${force.outcome} ${id.slice(0, 6)}:${task}: ${code}`);
    };
    process
      .awake()
      .then(() => executor.force(id, task, force, force.by))
      .then(() => {
        answered();
      }, answered);
    time.after(AGAIN_MS * 3, () => {
      if (!isAnswered) this.#ask({ id, task, force });
    });
  }
}
