/**
 * Drives one activity as far as it can go without waiting for anything but its own calls.
 *
 * D1. A side effect starts only after the commit that claims it.
 * D2. Every write is on the condition of the revision the state was computed from. One that fails
 *     changes nothing: the record is read again and what had arrived is applied to what is there.
 * D3. Whoever finds another executor's lease on the record leaves, so only one driver at a time has
 *     calls whose results can be recorded. Only a sweeper takes over a lease that ran out, because it
 *     counts that. A lease that this executor's own sweeper took, because MongoDB was gone for longer
 *     than a lease, is the driver's: its calls go on.
 * D4. When `begin` resolves, the record and its wake-up own the activity: the message that told of
 *     it may be acknowledged, and the loss of this process loses nothing.
 */
import {
  type Activity,
  type ActivityStore,
  ActivityTooLargeError,
  FIRST_REVISION,
} from '@app/persistence';
import {
  type ActivityState,
  type Advance,
  advance,
  begin,
  type Effect,
  type Input,
  isFinal,
  nextWakeAt,
} from '@app/workflow-engine';
import { CallsInFlight, type TaskHandlers } from './calls-in-flight.js';
import { ActivityContendedError, isPassing } from './errors.js';
import { failedByDefect, failedBySize } from './failed-state.js';
import { Mailbox } from './mailbox.js';
import { type Run } from './run.js';

export interface DriverSettings {
  /** How long the record belongs to a driver without a sign of life from it, in milliseconds. */
  readonly leaseMs: number;
  /** The pause before another attempt to write when MongoDB did not answer, in milliseconds. */
  readonly storeRetryMs: number;
}

export interface DriverParts {
  readonly store: ActivityStore;
  readonly handlers: TaskHandlers;
  readonly clock: () => number;
  readonly settings: DriverSettings;
}

/**
 * `final`; `waiting`: the record has a wake-up; `left`: others have it, or have ended it;
 * `stopped`: this executor may still have the lease, and nobody uses it.
 */
export type DriveEnd = 'final' | 'waiting' | 'left' | 'stopped';

/** How often in a row others may write first before it is left to the sweeper. */
const REBASES_MAX = 20;

export class ActivityDriver {
  readonly #mailbox = new Mailbox();
  readonly #calls: CallsInFlight;
  #state: ActivityState | undefined;
  #revision: number;
  #takeovers: number;
  #renewAt = 0;
  #stopped = false;

  /** @param owner this executor's name, by which its own leases can be told from all others */
  constructor(
    private readonly run: Run,
    private readonly owner: string,
    private readonly parts: DriverParts,
  ) {
    this.#state = run.found?.state;
    this.#revision = run.found?.revision ?? FIRST_REVISION;
    this.#takeovers = run.found?.takeovers ?? 0;
    this.#calls = new CallsInFlight(run, parts.handlers, (result) => {
      this.#mailbox.put(result);
    });
  }

  /** As last committed. */
  get state(): ActivityState | undefined {
    return this.#state;
  }

  /**
   * Takes the first step and commits it (D4). After `calling`, `finish` must follow.
   * @throws StoreUnavailableError when it is unknown whether that was recorded
   */
  begin(): Promise<DriveEnd | 'calling'> {
    return this.#step(this.run.found ? inputsOf(this.run.found) : []);
  }

  /**
   * Goes on until no call is in flight. While MongoDB is gone it keeps the results and tries again;
   * whatever else breaks it, nothing that it began goes on without it.
   */
  async finish(): Promise<DriveEnd> {
    try {
      return await this.#goOn();
    } finally {
      this.#calls.dropAll();
    }
  }

  async #goOn(): Promise<DriveEnd> {
    let inputs = await this.#arrivals();
    while (!this.#stopped) {
      const step = await this.#step(inputs).catch(keepGoingIfTransient);
      if (step === 'not-now') await pause(this.parts.settings.storeRetryMs);
      else if (step !== 'calling') return step;
      else inputs = await this.#arrivals();
    }
    return 'stopped';
  }

  /** Something happened to the record: look at it soon. */
  poke(): void {
    this.#renewAt = 0;
    this.#mailbox.rouse();
  }

  /** Leaves the activity as it is on record, with its lease. */
  stop(): void {
    this.#stopped = true;
    this.poke();
  }

  async #step(inputs: readonly Input[]): Promise<DriveEnd | 'calling'> {
    let pending = inputs;
    for (let rebases = 0; rebases <= REBASES_MAX; rebases++) {
      const now = this.parts.clock();
      const { state, effects } = this.#advance(pending, now);
      const unwritten = state !== this.#state || effects.length > 0 || now >= this.#renewAt;
      if (!unwritten) return standingOf(state);
      const committed = await this.#commit(state, now);
      if (committed) return this.#carryOut(committed, committed === state ? effects : []);

      const found = await this.#read();
      if (typeof found === 'string') {
        this.#calls.dropAll();
        return found;
      }
      pending = [...found, ...pending];
    }
    throw new ActivityContendedError(this.run.activityId);
  }

  /** A bug in the engine ends this activity, where it can be seen, and no other. */
  #advance(inputs: readonly Input[], now: number): Advance {
    const { plan, scope } = this.run;
    try {
      return advance(plan, this.#state ?? begin(plan, scope, now), scope, inputs, now);
    } catch (error) {
      return { state: failedByDefect(this.#state, error, now), effects: [] };
    }
  }

  /** What was written: the state, or that it is too large to be; undefined if others wrote first. */
  async #commit(state: ActivityState, now: number): Promise<ActivityState | undefined> {
    const { activityId: id } = this.run;
    const { leaseMs } = this.parts.settings;
    const calling = standingOf(state) === 'calling';
    const wakeUp = calling ? { wakeAt: now + leaseMs, leaseOwner: this.owner } : wakeUpOf(state);
    // Before the write: who pokes while it is on its way may tell of what came after it.
    this.#renewAt = now + leaseMs / 3;
    let written = false;
    try {
      const recount = this.#takeovers > 0 && movesOn(this.#state, state) && { takeovers: 0 };
      const commit = { id, revision: this.#revision, state, ...wakeUp, ...recount };
      written = (await this.parts.store.commit(commit)) === 'committed';
      if (!written) return undefined;
      if (recount) this.#takeovers = 0;
    } catch (error) {
      const isLast = isFinal(state.status) && state.failure?.code === 'ACTIVITY_TOO_LARGE';
      if (!(error instanceof ActivityTooLargeError) || isLast) throw error;
      return await this.#commit(failedBySize(state, error, now), now);
    } finally {
      if (!written) this.#renewAt = 0;
    }
    this.#state = state;
    this.#revision += 1;
    return state;
  }

  #carryOut(state: ActivityState, effects: readonly Effect[]): DriveEnd | 'calling' {
    this.#calls.dropUnwanted(state);
    for (const effect of effects) this.#calls.start(effect);
    return standingOf(state);
  }

  /** Takes over what is on record; or says why this driver has nothing more to do. */
  async #read(): Promise<readonly Input[] | DriveEnd> {
    const found = await this.parts.store.get(this.run.activityId);
    if (!found) return this.#recordOrigin();
    if (isFinal(found.status)) return 'left';
    const mine = found.leaseOwner === this.owner;
    if (found.leaseOwner !== undefined && !mine) return 'left';
    this.#state = found.state;
    this.#revision = found.revision;
    this.#takeovers = found.takeovers ?? 0;
    return mine && this.#calls.cover(found.state) ? signalsOf(found) : inputsOf(found);
  }

  /** MongoDB was down when the event was accepted: the message was the only copy until now. */
  async #recordOrigin(): Promise<readonly Input[] | DriveEnd> {
    const outcome = await this.parts.store.record(this.run.origin);
    this.#state = undefined;
    this.#revision = FIRST_REVISION;
    this.#takeovers = 0;
    return outcome.kind === 'conflict' ? 'left' : [];
  }

  /** Waits for a result, a poke, a timer of the run or the time to renew the lease. */
  async #arrivals(): Promise<readonly Input[]> {
    const due = this.#state ? nextWakeAt(this.#state) : undefined;
    const until = Math.min(due ?? this.#renewAt, this.#renewAt);
    const arrived = await this.#mailbox.take(until - this.parts.clock());
    return [...arrived, { kind: 'time' }];
  }
}

/** What a new driver must know of a record besides its state. */
function inputsOf(found: Activity): readonly Input[] {
  return [...signalsOf(found), { kind: 'time' }, { kind: 'resume' }];
}

function signalsOf({ inbox }: Activity): readonly Input[] {
  return inbox.map((signal) => ({ kind: 'signal', signal }));
}

function wakeUpOf(state: ActivityState): { readonly wakeAt?: number } {
  const wakeAt = isFinal(state.status) ? undefined : nextWakeAt(state);
  return wakeAt === undefined ? {} : { wakeAt };
}

/** A task that runs has a call under way, or its result in the mailbox: D1 and `resume` see to it. */
function standingOf(state: ActivityState): DriveEnd | 'calling' {
  if (isFinal(state.status)) return 'final';
  return hasRunningTasks(state) ? 'calling' : 'waiting';
}

function hasRunningTasks(state: ActivityState): boolean {
  return (
    !isFinal(state.status) && Object.values(state.tasks).some(({ status }) => status === 'running')
  );
}

/** Whether anything happened that will not happen again: the same call handed out anew is not that. */
function movesOn(before: ActivityState | undefined, after: ActivityState): boolean {
  if (before === undefined || isFinal(after.status)) return true;
  return Object.entries(after.tasks).some(([name, task]) => {
    const was = before.tasks[name];
    return was?.status !== task.status || attemptOf(was) !== attemptOf(task);
  });
}

function attemptOf(task: ActivityState['tasks'][string]): number | undefined {
  return 'attempt' in task ? task.attempt : undefined;
}

function keepGoingIfTransient(error: unknown): 'not-now' {
  if (!isPassing(error)) throw error;
  return 'not-now';
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
