import { type JsonObject, type JsonValue } from '@app/json';
import {
  OUTBOX_CHARS_MAX,
  OUTBOX_ENTRIES_MAX,
  OUTBOX_ROOM_MS,
  PATTERN_STEPS_MAX,
  WAIT_MEMORY_CHARS_MAX,
} from '../bounds.js';
import { FAILURE_CODES } from '../state/failure.js';
import { fitsAsJson } from '../json.js';
import { type TaskState } from '../state/activity-state.js';
import { type PlannedTask } from '../plan/plan.js';
import {
  type Done,
  type Failed,
  type TaskContext,
  type Wait,
} from '../task-types/task-behaviour.js';
import { type OutboxDraft } from '../state/outbox-entry.js';
import { type WaitingTask } from '../state/waiting.js';
import { type Writable } from '../writable.js';
import { failAttempt, RESULTS_TOO_LARGE, type Attempt } from './attempts/end-attempt.js';
import { resolveParams } from '../parameters/resolve.js';
import { sourcesOf } from './outcome.js';
import { type RunDraft } from './run-draft.js';
import { isOver } from './task-transitions.js';

const TOO_COMPLEX =
  'The patterns of the decisions of this run, times the lengths of their values, take more than ' +
  `${PATTERN_STEPS_MAX} steps; use fewer repetitions in them, or compare a shorter value`;

/** Retryable, because what the run holds may be given back. */
const OUTBOX_FULL: Failed = {
  kind: 'failed',
  code: FAILURE_CODES.OUTBOX_FULL,
  message:
    `The task and what the run holds (locks, runs, work of workers) would need more than ${OUTBOX_ENTRIES_MAX} entries, or ` +
    `${OUTBOX_CHARS_MAX} characters of them, in the outbox of the run; let it hold less at a time, or send less`,
  retryable: true,
  outcomeKnown: true,
};

const NOT_HELD: Failed = {
  kind: 'failed',
  code: FAILURE_CODES.LOCK_NOT_HELD,
  message:
    'The run has no such lock: no task before this one acquired it, or it was released before',
  retryable: false,
  outcomeKnown: true,
};

/** For a failure that each further attempt would repeat, and that certainly had no effect outside. */
export const FOR_GOOD = { retryable: false, outcomeKnown: true } as const;

/** Applies the outcome of a task's behaviour: the task is over, waits, or its attempt failed. */
export function settle(
  run: RunDraft,
  task: PlannedTask,
  attempt: Attempt,
  settled: Done | Wait | Failed,
): void {
  const outbox = toPost(run, task, settled);
  const broken = brokenBound(run, task, settled, outbox);
  const { hold = [], dropHolds = [] } = settled;
  if (broken !== undefined) {
    failAttempt(run, task, attempt, broken);
    return;
  }
  for (const held of hold) run.outbox.hold(task.name, held);
  run.outbox.dropHolds(dropHolds);
  for (const draft of outbox) run.outbox.post(draft);
  switch (settled.kind) {
    case 'done':
      finish(run, task, attempt, settled);
      return;
    case 'wait':
      run.move(task.name, waitingOf(attempt, settled));
      return;
    case 'failed':
      failAttempt(run, task, attempt, settled);
      return;
  }
}

/** What the task adds to the outbox, now and when it gives back what it holds. */
function askedOf(
  { outbox = [], hold = [] }: Done | Wait | Failed,
  entries: readonly OutboxDraft[] = outbox,
): readonly OutboxDraft[] {
  return [...entries, ...hold.map(({ entry }) => entry)];
}

/**
 * Has a task that begins wait until deliveries have made room in the outbox, if they will: nothing is lost then, and
 * nothing was sent.
 * @returns whether it waits
 */
export function waitsForOutbox(
  run: RunDraft,
  task: PlannedTask,
  { attempt, keyAttempt, keyAt, repeats, unsent }: Attempt,
  reached: Done | Wait | Failed,
): boolean {
  const asked = askedOf(reached);
  if (asked.length === 0 || run.outbox.fits(asked) || !run.outbox.willFit(asked)) return false;
  const { now } = run;
  run.move(task.name, {
    status: 'waiting',
    on: {
      kind: 'slot',
      slot: 'outbox',
      since: sinceOf(run.stateOf(task), now),
      until: now + OUTBOX_ROOM_MS,
    },
    attempt,
    keyAttempt,
    ...(keyAt !== undefined && { keyAt }),
    ...(repeats !== undefined && { repeats }),
    ...(unsent !== undefined && { unsent }),
    startedAt: now,
  });
  return true;
}

/** When the wait for room began. */
function sinceOf(state: TaskState, now: number): number {
  const isWaiting = state.status === 'waiting' && state.on.kind === 'slot';
  return isWaiting ? state.on.since : now;
}

export function contextOf(
  run: RunDraft,
  task: PlannedTask,
  { attempt, keyAttempt, keyAt = run.now }: Pick<Attempt, 'attempt' | 'keyAttempt' | 'keyAt'>,
): TaskContext {
  const params = (): JsonObject | undefined => {
    const resolution = resolveParams(task.params, sourcesOf(run, task));
    return resolution.kind === 'resolved' ? resolution.params : undefined;
  };
  const { now, activity, keysOf } = run;
  return { now, activity, keysOf, task: task.name, attempt, keyAttempt, keyAt, params };
}

function finish(run: RunDraft, task: PlannedTask, of: Attempt, done: Done): void {
  const { results = {}, runResults, runStatus, decision, release } = done;
  const isHeld = (holder: string): boolean => isOver(run.task(holder).status);
  if (release !== undefined && !run.outbox.giveBackOf(release, isHeld)) {
    failAttempt(run, task, of, NOT_HELD);
    return;
  }
  const { name } = task;
  const { attempt, startedAt } = of;
  if (runStatus !== undefined) run.overrideStatus(runStatus);
  if (runResults !== undefined) run.publish(runResults);
  const over = { status: 'succeeded', attempt, startedAt, endedAt: run.now, results } as const;
  run.move(name, decision === undefined ? over : { ...over, decision });
}

function waitingOf(attempt: Attempt, { on, memory }: Wait): WaitingTask {
  const { attempt: number, keyAttempt, keyAt, startedAt, repeats, unsent, timeoutAt } = attempt;
  const waiting: Writable<WaitingTask> = {
    status: 'waiting',
    on,
    attempt: number,
    keyAttempt,
    startedAt,
  };
  if (keyAt !== undefined) waiting.keyAt = keyAt;
  if (repeats !== undefined) waiting.repeats = repeats;
  if (unsent !== undefined) waiting.unsent = unsent;
  if (timeoutAt !== undefined) waiting.timeoutAt = timeoutAt;
  if (memory !== undefined) waiting.memory = memory;
  return waiting;
}

/**
 * The entries to add to the outbox. A task that waits on and repeats its request adds no entry that is still to be
 * delivered, and none at all when there is no room: an answer may be about to come, so the attempt must not fail.
 */
function toPost(
  run: RunDraft,
  task: PlannedTask,
  settled: Done | Wait | Failed,
): readonly OutboxDraft[] {
  const { outbox = [] } = settled;
  if (outbox.length === 0 || settled.kind !== 'wait') return outbox;
  const state = run.stateOf(task);
  const waitsOn = state.status === 'waiting' && state.on.kind === settled.on.kind;
  if (!waitsOn) return outbox;
  const news = outbox.filter((draft) => !run.outbox.isPending(draft));
  return run.outbox.fits(news) ? news : [];
}

/** The failure of a task whose entries, memory, decision or results exceed a bound; undefined if all are within. */
function brokenBound(
  run: RunDraft,
  task: PlannedTask,
  settled: Done | Wait | Failed,
  entries: readonly OutboxDraft[],
): Failed | undefined {
  const asked = askedOf(settled, entries);
  if (asked.length > 0 && !run.outbox.fits(asked)) return OUTBOX_FULL;
  if (settled.kind === 'wait') {
    const memory: JsonValue = settled.memory ?? null;
    return fitsAsJson(memory, WAIT_MEMORY_CHARS_MAX) ? undefined : RESULTS_TOO_LARGE;
  }
  if (settled.kind === 'done') {
    const { decision, runResults } = settled;
    if (decision !== undefined && !run.mayMatch(task, decision)) {
      const code = FAILURE_CODES.DECISION_TOO_COMPLEX;
      return { kind: 'failed', code, message: TOO_COMPLEX, ...FOR_GOOD };
    }
    if (runResults !== undefined && !run.fits(runResults)) return RESULTS_TOO_LARGE;
  }
  const { results } = settled;
  return results === undefined || run.fits(results) ? undefined : RESULTS_TOO_LARGE;
}
