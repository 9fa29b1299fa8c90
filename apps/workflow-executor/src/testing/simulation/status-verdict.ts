import { type Activity } from '@app/persistence';
import { type Arrival } from './simulated-receiver.js';
import { type Trace } from './trace.js';

interface ToldStatus {
  readonly status: string;
  readonly previous: string;
}

interface TaskStatuses {
  readonly tasks?: readonly (ToldStatus & { readonly task: string })[];
}

/** What was told last: of a run under no name, of its tasks under theirs. */
type Told = Map<string, string>;

const RUN = '';

/**
 * Says what breaks a promise about status events, from what has arrived and what is on record at the end: told is
 * each status of a run and of its tasks after the one before, from the beginning to the last one, and none besides.
 */
export class StatusVerdict {
  readonly #told = new Map<string, Told>();
  readonly #arrived = new Set<string>();

  constructor(private readonly trace: Trace) {}

  /** At least once: what comes again says nothing new. What is refused for good is told, to nobody. */
  onArrival({ activityId, entry: { id, kind, payload } }: Arrival): void {
    if (kind !== 'status' && kind !== 'task-status') return;
    if (this.#arrived.has(`${activityId} ${id}`)) return;
    this.#arrived.add(`${activityId} ${id}`);
    const { tasks, ...told } = payload as unknown as TaskStatuses & ToldStatus;
    for (const one of tasks ?? []) this.#follow(activityId, one.task, one);
    // What a task of the tests posts under this kind is no status.
    if ('previous' in told) this.#follow(activityId, RUN, told);
  }

  judgeEnd(id: string, { status, state }: Activity): void {
    // A rejected request never was a run.
    if (state === undefined) return;
    this.#judgeLast(id, RUN, status);
    for (const [task, { status: last }] of Object.entries(state.tasks))
      this.#judgeLast(id, task, last);
  }

  #follow(id: string, name: string, { status, previous }: ToldStatus): void {
    const last = this.#lastOf(id, name);
    if (last !== previous)
      this.#broken(id, name, `is told to be ${status} after ${previous}, and was ${last}`);
    const told = this.#told.get(id) ?? new Map<string, string>();
    this.#told.set(id, told.set(name, status));
  }

  #judgeLast(id: string, name: string, status: string): void {
    const last = this.#lastOf(id, name);
    if (last !== status) this.#broken(id, name, `is ${status}, and was told to be ${last}`);
  }

  #lastOf(id: string, name: string): string {
    return this.#told.get(id)?.get(name) ?? (name === RUN ? 'queued' : 'pending');
  }

  #broken(id: string, name: string, what: string): void {
    this.trace.violation(`${id.slice(0, 6)}${name && `:${name}`} ${what}`);
  }
}
