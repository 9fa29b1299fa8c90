import { FlowError } from '@app/errors';
import { childActivityIdOf } from '@app/events';
import { type JsonValue, toJsonText } from '@app/json';
import { type Activity, type ActivityParent, type ActivityStore } from '@app/persistence';
import {
  CHILD_RESULTS_CHARS_MAX,
  type ChildEndedSignal,
  type ChildEntry,
  type ChildRequest,
  fitsAsJson,
  isFinal,
  MAP_RESULTS_ITEMS_MAX,
  type MapCollect,
  type MapOpen,
  type MapRequest,
  type Signal,
} from '@app/workflow-engine';
import { type EntryOrigin } from '../outbox/outbox-delivery.js';
import { type Asked, type ChildMaker, type Making } from './child-maker.js';
import { ChildGoneError } from './errors.js';

/** Records of children that are read at the same time. */
const READ_AT_ONCE_MAX = 50;

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

  /**
   * Makes it unless it is there already; a task whose child can't be made is told why.
   *
   * @param isTakenBack its cancel comes next: it is made all the same, so that nobody who is late makes it after
   *   that, and is not begun before
   */
  async request(
    request: ChildRequest,
    parent: EntryOrigin,
    askedAt: number,
    isTakenBack = false,
  ): Promise<void> {
    const { task, attempt, waits } = request;
    const child = childActivityIdOf(parent.id, task, attempt);
    const refusal = await this.#make(child, request, parent, { askedAt, isTakenBack });
    if (refusal) await this.#refuse(parent.id, request, refusal);
    else if (!waits) await this.#tellStarted(parent.id, request, child);
  }

  async cancel({ task, attempt }: ChildEntry, parent: EntryOrigin): Promise<void> {
    await this.#cancel(parent.id, task, attempt);
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

  /** Makes those for these items, each once; the task is told when all are on record, or why one can't be made. */
  async requestMany(
    request: MapRequest,
    parent: EntryOrigin,
    askedAt: number,
    isTakenBack = false,
  ): Promise<void> {
    const { task, attempt, workflow, params, from, items } = request;
    const makings = items.map((item, at) => {
      const index = from + at;
      const child = childActivityIdOf(parent.id, task, attempt, index);
      const making = { task, attempt, workflow, waits: true, params: { ...params, item, index } };
      return this.#make(child, making, parent, { askedAt, isTakenBack, index });
    });
    const [refusal] = (await Promise.all(makings)).filter((one) => one !== undefined);
    if (refusal) {
      await this.#refuse(parent.id, request, refusal);
      return;
    }
    const upTo = from + items.length;
    const id = `children:${parent.id}:${task}:${attempt}:${upTo}`;
    const signal = { kind: 'children-made', task, attempt, upTo } as const;
    await this.#tell(parent.id, { ...signal, id, at: this.clock() });
  }

  async cancelMany({ task, attempt, open }: MapOpen, parent: EntryOrigin): Promise<void> {
    for (const index of open) await this.#cancel(parent.id, task, attempt, index);
  }

  async lookAtMany({ task, attempt, open }: MapOpen, parent: EntryOrigin): Promise<void> {
    for (const index of open) {
      const child = childActivityIdOf(parent.id, task, attempt, index);
      const status = await this.activities.statusOf(child);
      if (status === undefined) {
        await this.#refuse(parent.id, { task, attempt }, new ChildGoneError(child));
        return;
      }
      const found = isFinal(status) ? await this.activities.get(child) : undefined;
      if (found) await this.#tellEnd(found);
    }
  }

  /** What all of them gave, in order, as far as that is no more than a signal can carry. */
  async collect({ task, attempt, total }: MapCollect, parent: EntryOrigin): Promise<void> {
    const results = await this.#resultsOf(parent.id, task, attempt, total);
    const id = `children:${parent.id}:${task}:${attempt}:results`;
    const signal = {
      kind: 'children-results',
      task,
      attempt,
      ...(results && { results }),
    } as const;
    await this.#tell(parent.id, { ...signal, id, at: this.clock() });
  }

  async #resultsOf(
    parent: string,
    task: string,
    attempt: number,
    total: number,
  ): Promise<readonly JsonValue[] | undefined> {
    if (total > MAP_RESULTS_ITEMS_MAX) return undefined;
    const all: JsonValue[] = [];
    let chars = 0;
    for (let from = 0; from < total; from += READ_AT_ONCE_MAX) {
      const indexes = Array.from(
        { length: Math.min(READ_AT_ONCE_MAX, total - from) },
        (_, at) => at,
      );
      const found = await Promise.all(
        indexes.map((at) =>
          this.activities.get(childActivityIdOf(parent, task, attempt, from + at)),
        ),
      );
      for (const child of found) {
        const results = child?.status === 'succeeded' ? (child.state?.results ?? {}) : null;
        if (!fitsAsJson(results, CHILD_RESULTS_CHARS_MAX)) return undefined;
        chars += toJsonText(results).length + 1;
        if (chars > CHILD_RESULTS_CHARS_MAX) return undefined;
        all.push(results);
      }
    }
    return all;
  }

  /** @returns why there will be none */
  async #make(
    child: string,
    making: Making,
    parent: EntryOrigin,
    asked: Asked,
  ): Promise<FlowError | undefined> {
    try {
      if ((await this.activities.statusOf(child)) === undefined) {
        await this.maker.make(child, making, parent, asked);
      }
    } catch (error) {
      if (!isForGood(error)) throw error;
      return error;
    }
    if (!asked.isTakenBack && making.notBefore === undefined) this.#onTold(child);
    return undefined;
  }

  async #cancel(parent: string, task: string, attempt: number, index?: number): Promise<void> {
    const child = childActivityIdOf(parent, task, attempt, index);
    const reason = `the task "${task}" of the run ${parent}, which began it, does not wait for it any more`;
    const id = `child:${child}:cancel`;
    await this.#tell(child, { id, kind: 'cancel', reason, at: this.clock() });
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
  { task, attempt, index }: ActivityParent,
  at: number,
): ChildEndedSignal {
  // Those of many are gathered when all are over.
  const results = index === undefined ? (state?.results ?? {}) : {};
  const fits = fitsAsJson(results, CHILD_RESULTS_CHARS_MAX);
  return {
    id: `child:${child}:ended`,
    at,
    kind: 'child-ended',
    task,
    attempt,
    child,
    ...(index !== undefined && { index }),
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
