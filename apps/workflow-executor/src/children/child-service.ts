import { FlowError } from '@app/errors';
import { childActivityIdOf } from '@app/events';
import { type Activity, type ActivityParent, type ActivityStore } from '@app/persistence';
import {
  CHILD_RESULTS_CHARS_MAX,
  type ChildEndedSignal,
  type ChildEntry,
  type ChildRequest,
  charsOf,
  isFinal,
  type Signal,
} from '@app/workflow-engine';
import { type EntryOrigin } from '../outbox/outbox-delivery.js';
import { type ChildMaker } from './child-maker.js';
import { ChildGoneError } from './errors.js';

/**
 * Makes the runs that tasks begin, and tells those tasks what becomes of them. Every step may be done
 * twice: a child has one id whoever makes it, and a run takes a signal once, by its id.
 */
export class ChildService {
  #onTold: (activity: string) => void = () => undefined;

  constructor(
    private readonly activities: Pick<ActivityStore, 'get' | 'statusOf' | 'signal'>,
    private readonly maker: Pick<ChildMaker, 'make'>,
    private readonly clock: () => number,
  ) {}

  /** Is told of each activity that has something to do now. */
  subscribe(onTold: (activity: string) => void): void {
    this.#onTold = onTold;
  }

  /** Makes it unless it is there already; a task whose child can't be made is told why. */
  async request(request: ChildRequest, parent: EntryOrigin, askedAt: number): Promise<void> {
    const { task, attempt, waits } = request;
    const child = childActivityIdOf(parent.id, task, attempt);
    try {
      if ((await this.activities.statusOf(child)) === undefined) {
        await this.maker.make(child, request, parent, askedAt);
      }
    } catch (error) {
      if (!isForGood(error)) throw error;
      await this.#refuse(parent.id, request, error);
      return;
    }
    this.#onTold(child);
    if (!waits) await this.#tellStarted(parent.id, request, child);
  }

  async cancel({ task, attempt }: ChildEntry, parent: EntryOrigin): Promise<void> {
    const child = childActivityIdOf(parent.id, task, attempt);
    const reason = `the task "${task}" of the run ${parent.id}, which began it, does not wait for it any more`;
    const id = `child:${child}:cancel`;
    await this.#tell(child, { id, kind: 'cancel', reason, at: this.clock() });
  }

  /** The task has waited for long: its end may have been told to nobody. */
  async look(entry: ChildEntry, parent: EntryOrigin): Promise<void> {
    const child = childActivityIdOf(parent.id, entry.task, entry.attempt);
    const found = await this.activities.get(child);
    if (!found) await this.#refuse(parent.id, entry, new ChildGoneError(child));
    else if (found.parent?.waits === false) await this.#tellStarted(parent.id, entry, child);
    else if (isFinal(found.status)) await this.#tellEnd(found);
  }

  /** Of a child, that it is over: what it has for the task that waits is on its record. */
  async ended({ id }: EntryOrigin): Promise<void> {
    const found = await this.activities.get(id);
    if (found) await this.#tellEnd(found);
  }

  async #tellEnd(found: Activity): Promise<void> {
    if (found.parent?.waits !== true) return;
    await this.#tell(found.parent.activity, endedSignal(found, found.parent, this.clock()));
  }

  async #tellStarted(parent: string, { task, attempt }: ChildEntry, child: string): Promise<void> {
    const signal = { kind: 'child-started', task, attempt, child } as const;
    await this.#tell(parent, { ...signal, id: `child:${child}:started`, at: this.clock() });
  }

  async #refuse(
    parent: string,
    { task, attempt }: ChildEntry,
    { code, message }: FlowError,
  ): Promise<void> {
    const signal = { kind: 'child-refused', task, attempt, code, message } as const;
    const id = `child:${childActivityIdOf(parent, task, attempt)}:refused`;
    await this.#tell(parent, { ...signal, id, at: this.clock() });
  }

  /** Whoever is over, or gone, needs not be told. */
  async #tell(activity: string, signal: Signal): Promise<void> {
    if ((await this.activities.signal(activity, signal)) === 'appended') this.#onTold(activity);
  }
}

function endedSignal(
  { id: child, status, state, failure }: Activity,
  { task, attempt }: ActivityParent,
  at: number,
): ChildEndedSignal {
  const results = state?.results ?? {};
  const fits = charsOf(results, CHILD_RESULTS_CHARS_MAX) <= CHILD_RESULTS_CHARS_MAX;
  return {
    id: `child:${child}:ended`,
    at,
    kind: 'child-ended',
    task,
    attempt,
    child,
    status: isFinal(status) ? status : 'failed',
    ...(fits && { results }),
    ...(failure && { failure }),
  };
}

/** Another attempt would find the same. */
function isForGood(error: unknown): error is FlowError {
  if (!(error instanceof FlowError)) return false;
  return !['transient', 'overloaded', 'timeout', 'defect'].includes(error.kind);
}
