import { isFinal, type WorkflowDefinition } from '@app/workflow-engine';
import { type SeededRandom } from '@app/workflow-engine/testing';
import { type Force } from '../../api/tasks/task-signals.js';
import { type SimulatedExecutor } from './simulated-executor.js';
import { type Simulation } from './simulation.js';

/** What an operator wants; `by` is unlike all others, and tells on record which of them it was. */
interface Wish {
  readonly id: string;
  readonly task: string;
  readonly force: Force;
}

type Ask = (executor: SimulatedExecutor) => Promise<void>;

const AGAIN_MS = 1_500;

/**
 * People who decide what becomes of tasks, by an executor's own code. Each asks, under the same key, until answered. When all is
 * calm they complete what does not end by itself.
 */
export class SimulatedOperator {
  readonly #wishes = new Map<string, Wish>();
  /** Who has asked for anything. */
  readonly #askers = new Set<string>();
  /** The tasks that operators decide about. */
  readonly #tasks: readonly string[];

  constructor(
    private readonly simulation: Simulation,
    private readonly random: SeededRandom,
    { tasks }: Pick<WorkflowDefinition, 'tasks'>,
  ) {
    const isWork = (type: string): boolean => type !== 'start' && type !== 'end';
    this.#tasks = tasks.filter(({ type }) => isWork(type)).map(({ name }) => name);
  }

  /** Decides about a run a few times, at any time, and in the end about all that is left of it. */
  attend(id: string): void {
    const { random, simulation } = this;
    for (let times = random.below(5); times > 0; times -= 1)
      simulation.time.after(random.below(50_000), () => {
        const outcome = random.pick('retried', 'resumed', 'succeeded', 'skipped', 'failed');
        if (outcome === 'resumed') this.#resume(id);
        else this.#wish(id, this.#anyTask(), outcome);
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
      const names = operations.map(({ by }) => by).filter((by) => this.#askers.has(by));
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
    for (const task of this.#tasks)
      if (state?.tasks[task]?.status === 'waiting') this.#wish(id, task, 'succeeded');
    time.after(5_000, () => {
      this.#completeRest(id);
    });
  }

  #wish(id: string, task: string, outcome: Force['outcome']): void {
    const by = this.#asker();
    const results = outcome === 'succeeded' && { results: { by } };
    const wish = { id, task, force: { outcome, by, reason: 'by hand', ...results } };
    this.#wishes.set(by, wish);
    const what = `${outcome} ${id.slice(0, 6)}:${task}`;
    this.#ask(wish.force.by, id, what, (executor) => executor.force(id, task, wish.force, by));
  }

  /** All tasks that wait for another attempt are to begin it now. */
  #resume(id: string): void {
    const by = this.#asker();
    this.#ask(by, id, `resume ${id.slice(0, 6)}`, (executor) => executor.resume(id, by));
  }

  #anyTask(): string {
    return this.#tasks[this.random.below(this.#tasks.length)] ?? '';
  }

  #asker(): string {
    const by = `operator-${this.#askers.size}`;
    this.#askers.add(by);
    return by;
  }

  #isDone(id: string, by: string): boolean {
    const { operations = [] } = this.simulation.records.peek(id)?.state ?? {};
    return operations.some((operation) => operation.by === by);
  }

  /** Of some executor, until one answers: also that it is too late. */
  #ask(by: string, id: string, what: string, ask: Ask): void {
    const { fleet, trace, time } = this.simulation;
    const { process, executor } = fleet.any();
    const wasDone = this.#isDone(id, by);
    let isAnswered = false;
    const answered = (error?: unknown): void => {
      const { kind, code = 'done' } = (error ?? {}) as { kind?: string; code?: string };
      if (kind === 'transient' || kind === 'overloaded') return;
      isAnswered = true;
      if (wasDone && error !== undefined)
        trace.violation(`${by} asks for what was done, and is told ${code}`);
      trace.add(by, `${what}: ${code}`);
    };
    process
      .awake()
      .then(() => ask(executor))
      .then(() => {
        answered();
      }, answered);
    time.after(AGAIN_MS * 3, () => {
      if (!isAnswered) this.#ask(by, id, what, ask);
    });
  }
}
