import { FlowError } from '@app/errors';
import { childActivityIdOf } from '@app/events';
import { type ActivityStore, type RunEnd } from '@app/persistence';
import {
  type ChildEntry,
  type ChildRequest,
  isFinal,
  MAP_RESULTS_ITEMS_MAX,
  type MapCollect,
  type MapOpen,
  type MapRequest,
  type Signal,
} from '@app/workflow-engine';
import { type DeliveryPermits } from '../outbox/delivery-service.js';
import { type EntryOrigin } from '../outbox/outbox-delivery.js';
import { type Asked, type ChildCreator, type ChildToCreate } from './child-creator.js';
import { type ChildEnd, endedSignal, endIn } from './child-end.js';
import { ChildGoneError } from './errors.js';
import { gatherResults, RESULTS_BYTES_MAX } from './gather-results.js';
import { NO_RUNS, type RunsHere } from './runs-here.js';

/** Concurrent reads of results; each may hold `RESULTS_BYTES_MAX` in memory, beside the runs. */
export const READS_AT_ONCE_MAX = 8;

/** Why a child could not be made, or is gone. */
type Reason = Pick<FlowError, 'code' | 'message'>;

interface Wanted {
  readonly child: string;
  readonly request: ChildToCreate;
  readonly asked: Asked;
}

/**
 * Makes the runs that tasks begin, and sends the tasks signals with the outcomes. Every step may be repeated: a child has one
 * id, whoever makes or refuses it, and a run takes a signal once, by its id.
 */
export class ChildService {
  #runs = NO_RUNS;

  constructor(
    private readonly activities: Pick<ActivityStore, 'endsOf' | 'signal'>,
    private readonly creator: Pick<ChildCreator, 'create' | 'refuse'>,
    private readonly reads: DeliveryPermits,
    private readonly clock: () => number,
  ) {}

  /** Hands to these runs what this service puts on record, so that it takes effect at once. */
  use(runs: RunsHere): void {
    this.#runs = runs;
  }

  /**
   * Makes the child unless it exists. If it can't be made, the task gets a signal with the reason.
   * @param isCancelled its cancellation follows. The child is made all the same, so that a late delivery of the
   *   request makes none after the cancellation, and it does not begin before
   */
  async request(
    request: ChildRequest,
    parent: EntryOrigin,
    askedAt: number,
    isCancelled = false,
  ): Promise<void> {
    const { task, attempt, waits } = request;
    const child = childActivityIdOf(parent.id, task, attempt);
    const asked = { askedAt, isCancelled };
    const reason = await this.#create([{ child, request, asked }], parent);
    if (reason) await this.#refuse(parent.id, request, reason);
    else if (!waits) await this.#signalStarted(parent.id, request, child);
  }

  async cancel({ task, attempt }: ChildEntry, parent: EntryOrigin): Promise<void> {
    await this.#cancel(parent.id, task, attempt);
  }

  /** Checks the child of a task that has waited long: the signal of the child's end may be missing. */
  async look(entry: ChildEntry, parent: EntryOrigin): Promise<void> {
    const child = childActivityIdOf(parent.id, entry.task, entry.attempt);
    const found = await this.#endOf(child);
    const reason = found ? reasonIn(found) : new ChildGoneError(child);
    if (reason) await this.#refuse(parent.id, entry, reason);
    else if (found?.parent?.waits === false) await this.#signalStarted(parent.id, entry, child);
    else if (found && isFinal(found.status)) await this.#signalEnd(found);
  }

  /**
   * Sends the end of a child to the task that waits for it, as the record of the child has it. Whoever has just
   * written the end has the state, and nothing is read.
   */
  async ended(origin: EntryOrigin): Promise<void> {
    const found = endIn(origin) ?? (await this.#endOf(origin.id));
    if (found) await this.#signalEnd(found);
  }

  /**
   * Makes the children of these items, each once. The task gets a signal when all are on record, or with the reason
   * why one can't be made.
   */
  async requestMany(
    request: MapRequest,
    parent: EntryOrigin,
    askedAt: number,
    isCancelled = false,
  ): Promise<void> {
    const { task, attempt, workflow, params, from, items } = request;
    const wanted = items.map((item, at): Wanted => {
      const index = from + at;
      const child = childActivityIdOf(parent.id, task, attempt, index);
      const request = { task, attempt, workflow, waits: true, params: { ...params, item, index } };
      return { child, request, asked: { askedAt, isCancelled, index } };
    });
    const reason = await this.#create(wanted, parent);
    if (reason) {
      await this.#refuse(parent.id, request, reason);
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
    const children = open.map((index) => childActivityIdOf(parent.id, task, attempt, index));
    const ends = await this.#endsOf(children, 0);
    for (const child of children) {
      const found = ends.get(child);
      const reason = found ? reasonIn(found) : new ChildGoneError(child);
      if (reason) {
        await this.#refuse(parent.id, { task, attempt }, reason);
        return;
      }
      if (found && isFinal(found.status)) await this.#signalEnd(found);
    }
  }

  /** The results of all children, in order, unless they exceed what a signal can carry. */
  async collect({ task, attempt, total }: MapCollect, parent: EntryOrigin): Promise<void> {
    const isShort = total <= MAP_RESULTS_ITEMS_MAX;
    const children = Array.from({ length: isShort ? total : 0 }, (_, index) =>
      childActivityIdOf(parent.id, task, attempt, index),
    );
    const results =
      isShort && (await gatherResults(children, (ids, bytesMax) => this.#endsOf(ids, bytesMax)));
    const id = `children:${parent.id}:${task}:${attempt}:results`;
    const signal = {
      kind: 'children-results',
      task,
      attempt,
      ...(results && { results }),
    } as const;
    await this.#tell(parent.id, { ...signal, id, at: this.clock() });
  }

  /** @returns the reason of the first child that can't be made; undefined when all are on record */
  async #create(wanted: readonly Wanted[], parent: EntryOrigin): Promise<Reason | undefined> {
    const ends = await this.#endsOf(
      wanted.map(({ child }) => child),
      0,
    );
    const reasons = await Promise.all(
      wanted.map((one) => this.#createOne(one, parent, ends.get(one.child))),
    );
    return reasons.find((reason) => reason !== undefined);
  }

  /**
   * The first delivery that puts a made or a refused child on record decides. A concurrent delivery of the same
   * request may have read another workflow, or another switch, and follows that record.
   */
  async #createOne(
    { child, request, asked }: Wanted,
    parent: EntryOrigin,
    there: RunEnd | undefined,
  ): Promise<Reason | undefined> {
    if (there) return reasonIn(there);
    try {
      const made = await this.creator.create(child, request, parent, asked);
      if (made !== 'there') {
        if (!asked.isCancelled && request.notBefore === undefined) this.#runs.begin(made);
        return undefined;
      }
    } catch (error) {
      if (!isForGood(error)) throw error;
      const outcome = await this.creator.refuse(child, request, parent, asked, error);
      if (outcome === 'recorded') return error;
    }
    const first = (await this.#endsOf([child], 0)).get(child);
    return first && reasonIn(first);
  }

  async #endOf(id: string): Promise<RunEnd | undefined> {
    return (await this.#endsOf([id], RESULTS_BYTES_MAX)).get(id);
  }

  async #endsOf(
    ids: readonly string[],
    resultsBytesMax: number,
  ): Promise<ReadonlyMap<string, RunEnd>> {
    const read = async (): Promise<ReadonlyMap<string, RunEnd>> => {
      const ends = await this.activities.endsOf(ids, resultsBytesMax);
      return new Map(ends.map((end) => [end.id, end]));
    };
    if (resultsBytesMax === 0) return read();
    await this.reads.acquire();
    return read().finally(() => {
      this.reads.release();
    });
  }

  async #cancel(parent: string, task: string, attempt: number, index?: number): Promise<void> {
    const child = childActivityIdOf(parent, task, attempt, index);
    const reason = `the task "${task}" of the run ${parent}, which began it, does not wait for it any more`;
    const id = `child:${child}:cancel`;
    await this.#signal(child, { id, kind: 'cancel', reason, at: this.clock() });
  }

  async #signalEnd(found: ChildEnd): Promise<void> {
    if (found.parent?.waits !== true) return;
    await this.#tell(found.parent.activity, endedSignal(found, found.parent, this.clock()));
  }

  async #signalStarted(
    parent: string,
    { task, attempt }: ChildEntry,
    child: string,
  ): Promise<void> {
    const signal = { kind: 'child-started', task, attempt, child } as const;
    await this.#tell(parent, { ...signal, id: `child:${child}:started`, at: this.clock() });
  }

  async #refuse(
    parent: string,
    { task, attempt }: ChildEntry,
    { code, message }: Reason,
  ): Promise<void> {
    const signal = { kind: 'child-refused', task, attempt, code, message } as const;
    const id = `child:${childActivityIdOf(parent, task, attempt)}:refused`;
    await this.#tell(parent, { ...signal, id, at: this.clock() });
  }

  /**
   * Sends a signal to a parent. The entry of an outbox stands behind it, so it may be lost until its effect is on
   * record: it needs no inbox where this executor has the parent.
   */
  async #tell(parent: string, signal: Signal): Promise<void> {
    if (!(await this.#runs.take(parent, signal))) await this.#signal(parent, signal);
  }

  /** Puts the signal into the inbox, unless the activity has ended or is no longer on record. */
  async #signal(activity: string, signal: Signal): Promise<void> {
    if ((await this.activities.signal(activity, signal)) === 'appended')
      this.#runs.deliver(activity);
  }
}

/** The end of a child that was refused, which has no run. */
function reasonIn({ status, isBegun, failure }: RunEnd): Reason | undefined {
  return status === 'failed' && !isBegun ? failure : undefined;
}

/** Whether another attempt would fail for the same reason. */
function isForGood(error: unknown): error is FlowError {
  if (!(error instanceof FlowError)) return false;
  return !['transient', 'overloaded', 'timeout', 'defect'].includes(error.kind);
}
