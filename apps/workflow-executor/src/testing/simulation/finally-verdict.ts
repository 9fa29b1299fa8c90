import { type Activity, type ActivityCommit, keysOf } from '@app/persistence';
import { type ActivityStatus, type TaskState, type WorkflowDefinition } from '@app/workflow-engine';
import { type Simulation, type Watcher } from './simulation.js';

type Tasks = Readonly<Record<string, TaskState>>;

/** One attempt of a run. */
interface RunAttempt {
  /** Whether a task beside those of `finally` has begun. */
  hasBegun: boolean;
  /** The tasks of `finally` that have begun. */
  readonly last: Set<string>;
  /** The numbers of the attempts of the task that tells how the run has gone. */
  readonly told: Set<number>;
}

/** What a run that has gone so far may still end as. */
const MAY_BECOME: Readonly<Record<string, readonly ActivityStatus[]>> = {
  timedout: ['timedout'],
  cancelled: ['cancelled'],
  failed: ['failed', 'cancelled'],
  succeeded: ['succeeded', 'failed', 'cancelled'],
};

/**
 * Says what breaks a promise about tasks of `finally`:
 *
 * - none begins before all others are over, and none of those begins after it;
 * - each that needs no other runs in each attempt of the run that has begun anything, whatever ends it;
 * - all calls of one attempt of the run are told the same status, and it ends as that status allows.
 */
export class FinallyVerdict implements Watcher {
  readonly onSignal = (): void => undefined;
  readonly #attempts = new Map<string, Map<number, RunAttempt>>();
  /** The runs that ended while they waited for another attempt. */
  readonly #endedBetween = new Set<string>();
  readonly #main: readonly string[];
  readonly #first: readonly string[];
  readonly #last: readonly string[];

  /** @param tells the task whose calls say how the run has gone so far */
  constructor(
    private readonly simulation: Simulation,
    { tasks }: WorkflowDefinition,
    private readonly tells: string,
  ) {
    const last = tasks.filter((task) => task.finally === true);
    this.#last = last.map(({ name }) => name);
    this.#first = last.filter(({ dependencies }) => !dependencies?.length).map(({ name }) => name);
    this.#main = tasks.filter((task) => task.finally !== true).map(({ name }) => name);
  }

  readonly onCommit = (before: Activity, { id, state }: ActivityCommit): void => {
    if (before.parent !== undefined) return;
    const { status, tasks, again } = state;
    const begun = this.#last.filter((name) => hasBegun(tasks[name]));
    const open = this.#main.filter((name) => !isOver(tasks[name]));
    if (begun.length > 0 && open.length > 0)
      this.#broken(id, `${begun.join()} of finally has begun, and ${open.join()} is not over`);
    const attempt = this.#attemptOf(id, again?.attempt ?? 1);
    attempt.hasBegun ||= this.#main.some((name) => isUnderWay(tasks[name]));
    for (const name of begun) attempt.last.add(name);
    const teller = tasks[this.tells];
    if (teller?.status === 'running') attempt.told.add(teller.attempt);
    const isBetween = before.state?.again?.until !== undefined && again?.until !== undefined;
    if (isBetween && status !== 'running') this.#endedBetween.add(id);
  };

  judgeEnd(): void {
    for (const [id, attempts] of this.#attempts) {
      const all = [...attempts].toSorted(([a], [b]) => a - b);
      for (const [number, { hasBegun, last }] of all) {
        const missing = this.#first.filter((name) => !last.has(name));
        if (hasBegun && missing.length > 0)
          this.#broken(id, `attempt ${number} has ended without ${missing.join()} of finally`);
      }
      for (const [number, attempt] of all) {
        const said = this.#toldIn(id, attempt);
        const status = this.simulation.records.peek(id)?.status ?? 'queued';
        const isLast = number === all.at(-1)?.[0] && !this.#endedBetween.has(id);
        if (said.length > 1) this.#broken(id, `attempt ${number} is told as ${said.join()}`);
        if (isLast && said.some((one) => MAY_BECOME[one]?.includes(status) !== true))
          this.#broken(id, `ends as ${status}, and was told as ${said.join()}`);
      }
    }
  }

  /** What the calls of an attempt said of the run, each once. */
  #toldIn(id: string, { told }: RunAttempt): readonly string[] {
    const { records, target } = this.simulation;
    const found = records.peek(id);
    const task = found && `${keysOf(found)}:${this.tells}`;
    const calls = target.calls.filter((call) => call.task === task && told.has(call.attempt));
    return [...new Set(calls.map(({ sent }) => soFarIn(sent)))];
  }

  #attemptOf(id: string, number: number): RunAttempt {
    const attempts = this.#attempts.get(id) ?? new Map<number, RunAttempt>();
    const found = attempts.get(number) ?? { hasBegun: false, last: new Set(), told: new Set() };
    this.#attempts.set(id, attempts.set(number, found));
    return found;
  }

  #broken(id: string, what: string): void {
    this.simulation.trace.violation(`${id.slice(0, 6)} ${what}`);
  }
}

function soFarIn(sent: string): string {
  const { body } = JSON.parse(sent) as { readonly body?: { readonly soFar?: string } };
  return body?.soFar ?? 'nothing';
}

function hasBegun(task: Tasks[string] | undefined): boolean {
  return task !== undefined && task.status !== 'pending' && task.status !== 'skipped';
}

function isUnderWay(task: Tasks[string] | undefined): boolean {
  return task?.status === 'running' || task?.status === 'waiting';
}

function isOver(task: Tasks[string] | undefined): boolean {
  return task !== undefined && task.status !== 'pending' && !isUnderWay(task);
}
