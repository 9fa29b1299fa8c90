import { type JsonObject, type JsonValue } from '@app/json';
import {
  type ActivityState,
  type Concluded,
  type Effect,
  type RunSlot,
  type StatusOverride,
  type TaskState,
} from '../state/activity-state.js';
import { type Failure } from '../state/failure.js';
import { type OutboxEntry } from '../state/outbox-entry.js';
import { type FinalStatus } from '../state/activity-status.js';
import { FINALLY_MS_MAX, PATTERN_STEPS_MAX, RESULTS_CHARS_MAX } from '../bounds.js';
import { charsOf, textOf } from '../json.js';
import { type Sources, type RunScope } from '../parameters/find-value.js';
import { givenParams } from '../parameters/typed-params.js';
import { type Plan, type PlannedEdge, type PlannedTask } from '../plan/plan.js';
import { type Writable } from '../writable.js';
import { chosenEdges, patternSteps } from './chosen-edges.js';
import { RunAttempts } from './run-attempts.js';
import { RunSignals } from './signals/run-signals.js';
import { RunOutbox } from './run-outbox.js';
import { queuedFor, slotEntries } from './run-slot.js';
import { openStatus } from './open-status.js';
import { RunTasks } from './run-tasks.js';
import { skippedTask } from './task-transitions.js';

type BegunTask = Extract<TaskState, { status: 'running' | 'waiting' }>;
type OpenStatus = Pick<ActivityState, 'status' | 'waitingFor'>;

/**
 * The working copy of one `advance`, changed in place, so that a step costs the same however many tasks a run has.
 * The state it began with is never changed.
 */
export class RunDraft {
  readonly effects: Effect[] = [];
  readonly outbox: RunOutbox;
  readonly signals: RunSignals;
  readonly attempts: RunAttempts;
  readonly tasks: RunTasks;
  /** The results of the run, copied once a task of this step adds to them. */
  #published: Record<string, JsonValue> | undefined;
  #concluded: Concluded | undefined;
  #override: StatusOverride | undefined;
  #slot: RunSlot | undefined;
  /** When the run began, set in the step that grants its slot. */
  #begunAt: number | undefined;
  #end: { readonly status: FinalStatus; readonly failure?: Failure } | undefined;
  #fittedChars: number | undefined;
  #patternSteps: number | undefined;
  /** Created for the first decision that is over: most runs have none. */
  #chosen: Map<PlannedTask, ReadonlySet<PlannedEdge>> | undefined;

  constructor(
    readonly plan: Plan,
    readonly before: ActivityState,
    private readonly scope: RunScope,
    readonly now: number,
    pending: readonly OutboxEntry[] = [],
  ) {
    this.#concluded = before.concluded;
    this.#override = before.statusOverride;
    this.#slot = before.slot;
    this.attempts = new RunAttempts(before);
    this.outbox = new RunOutbox(before, now, pending);
    this.signals = new RunSignals(before);
    this.tasks = new RunTasks(plan, before.tasks);
  }

  get ended(): boolean {
    return this.#end !== undefined;
  }

  /** Whether the run waits for a slot; none of its tasks begins meanwhile. */
  get isQueued(): boolean {
    return this.#slot !== undefined && this.#slot.grantedAt === undefined;
  }

  /** Requested once: the request is on record together with its release. */
  askForSlot(): void {
    if (this.#slot === undefined) return;
    const { request, hold } = slotEntries(this.#slot);
    if (this.outbox.holds(hold.name)) return;
    this.outbox.hold('', hold);
    this.outbox.post(request);
  }

  /** Begins the run and its timeout, if it waits for the slot of that name. */
  takeSlot(name: string): void {
    if (this.#slot?.name !== name || this.#slot.grantedAt !== undefined) return;
    this.#slot = { ...this.#slot, grantedAt: this.now };
    this.#begunAt = this.now;
  }

  /** The outcome and its time once all tasks but those of `finally` are over; undefined before. */
  get concluded(): Concluded | undefined {
    return this.#concluded;
  }

  get statusOverride(): StatusOverride | undefined {
    return this.#override;
  }

  /** When the run, or its tasks of `finally`, time out, in milliseconds since 1970; undefined for never. */
  get timeoutAt(): number | undefined {
    if (this.#concluded !== undefined) return this.#concluded.at + FINALLY_MS_MAX;
    // A run that was concluded before has only the time of its tasks of `finally`.
    if (this.before.concluded === undefined) return this.#ownTimeoutAt;
    const { timeoutMs } = this.plan;
    return timeoutMs === undefined ? undefined : this.before.startedAt + timeoutMs;
  }

  get #ownTimeoutAt(): number | undefined {
    const { timeoutMs } = this.plan;
    if (this.#begunAt === undefined || timeoutMs === undefined) return this.before.timeoutAt;
    return this.#begunAt + timeoutMs;
  }

  /** The id of the activity. */
  get activity(): string {
    return textOf(this.scope.context['workflowrun-ref'] ?? '');
  }

  /** The id of the activity from which idempotency keys are made: of the first of several retried runs. */
  get keysOf(): string {
    return this.scope.keysOf ?? this.activity;
  }

  get sources(): Sources {
    const { plan, scope } = this;
    return {
      scope,
      given: givenParams(plan.typed, scope.event.params),
      secretParams: plan.secretParams,
      defaults: plan.defaults,
      pathStepsMax: plan.pathStepsMax,
      tasks: this.tasks.record,
      startedAt: this.#startedAt,
    };
  }

  task(name: string): TaskState {
    return this.tasks.named(name);
  }

  stateOf(task: PlannedTask): TaskState {
    return this.tasks.stateOf(task);
  }

  /** @throws TransitionIllegalError for a transition that is not in the table */
  move(name: string, to: TaskState): void {
    this.tasks.move(name, to);
  }

  /** Counts results; false, without counting, when they do not fit. */
  fits(results: JsonObject): boolean {
    const held = (this.#fittedChars ??= this.#countResults());
    const chars = charsOf(results, RESULTS_CHARS_MAX);
    if (held + chars > RESULTS_CHARS_MAX) return false;
    this.#fittedChars = held + chars;
    return true;
  }

  /** Counts the cost of a decision; false when it exceeds what the run may still match. */
  mayMatch(decision: PlannedTask, value: string): boolean {
    const taken = (this.#patternSteps ??= this.tasks.table.patternSteps);
    const steps = patternSteps(decision, value);
    if (taken + steps > PATTERN_STEPS_MAX) return false;
    this.#patternSteps = taken + steps;
    return true;
  }

  /** Adds to the results of the whole run. */
  publish(results: JsonObject): void {
    this.#published ??= { ...this.before.results };
    for (const [name, value] of Object.entries(results)) {
      // An assignment to `__proto__` would set the prototype instead of a member.
      if (name === '__proto__') this.#published = { ...this.#published, ...results };
      else this.#published[name] = value;
    }
  }

  /** The edges that an ended decision chose, computed once. */
  chosenBy(decision: PlannedTask): ReadonlySet<PlannedEdge> {
    const known = this.#chosen?.get(decision);
    if (known !== undefined) return known;
    const chosen = chosenEdges(decision, this.stateOf(decision));
    (this.#chosen ??= new Map()).set(decision, chosen);
    return chosen;
  }

  overrideStatus(override: StatusOverride): void {
    this.#override = override;
  }

  /**
   * Stops every task that is not over: a task that has begun as `stop` says, any other is skipped. Those of `finally`
   * continue, unless all are to stop.
   */
  stopTasks(which: 'main' | 'all', stop: (state: BegunTask) => TaskState): void {
    for (const task of this.plan.tasks) {
      if (task.isLast && which === 'main') continue;
      const { name } = task;
      const state = this.stateOf(task);
      if (state.status === 'pending') this.move(name, skippedTask(state, this.now));
      if (state.status !== 'running' && state.status !== 'waiting') continue;
      this.outbox.giveBack(name);
      this.move(name, stop(state));
    }
  }

  /** Replaces the states of all tasks, and resets results, outcome and counts, for another attempt of the run. */
  restart(tasks: Record<string, TaskState>): void {
    this.tasks.restart(tasks);
    this.#published = {};
    this.#concluded = this.#override = this.#chosen = undefined;
    this.#fittedChars = this.#patternSteps = undefined;
  }

  /** From now on only the tasks of `finally` run, if there are any. What they are told stays the same from the first call on. */
  conclude(concluded: Pick<Concluded, 'outcome' | 'isForced'>): void {
    const { at = this.now, told, outcome: before } = this.#concluded ?? {};
    const first = told ?? before;
    this.#concluded = { at, ...concluded, ...(first && { told: first }) };
    this.tasks.noteLast();
  }

  end(status: FinalStatus, failure?: Failure): void {
    this.outbox.giveBack();
    this.#end = failure === undefined ? { status } : { status, failure };
  }

  /** The same reference as at the beginning when nothing changed. */
  toState(): ActivityState {
    const hasConcluded = this.#concluded !== this.before.concluded;
    const isSame =
      !this.tasks.hasChanged &&
      this.#end === undefined &&
      !this.signals.hasChanged &&
      this.outbox.entries.length === 0 &&
      !this.attempts.hasChanged &&
      !hasConcluded;
    if (isSame) return this.before;
    const { scope } = this.before;
    const timeoutAt = this.#end === undefined ? this.timeoutAt : this.#ownTimeoutAt;
    const tasks = this.tasks.record;
    const results = this.#published ?? this.before.results;
    const startedAt = this.#startedAt;
    const reached: OpenStatus = this.#end ?? this.#openStatus();
    const { status, waitingFor } = reached;
    const state: Writable<ActivityState> = { startedAt, tasks, results, status };
    if (waitingFor !== undefined) state.waitingFor = waitingFor;
    if (this.#end !== undefined) state.endedAt = this.now;
    if (this.#slot !== undefined && this.#end === undefined) state.slot = this.#slot;
    if (this.#end?.failure !== undefined) state.failure = this.#end.failure;
    if (timeoutAt !== undefined) state.timeoutAt = timeoutAt;
    if (this.#override !== undefined) state.statusOverride = this.#override;
    if (this.#concluded !== undefined && this.#end === undefined) state.concluded = this.#concluded;
    if (scope !== undefined) state.scope = scope;
    if (this.#end === undefined) this.signals.writeTo(state);
    else this.signals.writeEndTo(state);
    this.attempts.writeTo(state);
    this.outbox.writeTo(state);
    return state;
  }

  /** A run that never got its slot is recorded as begun at its end. */
  get #startedAt(): number {
    if (this.#begunAt !== undefined) return this.#begunAt;
    return this.isQueued && this.ended ? this.now : this.before.startedAt;
  }

  #openStatus(): OpenStatus {
    return this.#slot !== undefined && this.isQueued
      ? queuedFor(this.#slot, this.before.startedAt)
      : openStatus(this.tasks.table, this.attempts.again);
  }

  #countResults(): number {
    const { results } = this.before;
    return charsOf(results, RESULTS_CHARS_MAX) + this.tasks.table.resultsChars;
  }
}
