import { childActivityIdOf } from '@app/events';
import { type Activity } from '@app/persistence';
import { CHILD_CANCEL, type ChildEntry, type TaskState } from '@app/workflow-engine';
import { isSwitch } from './simulated-switches.js';
import { CLOCK_OFFSET_MS_MAX, type Simulation } from './simulation.js';

/** How long an executor may take a workflow for what it was, in milliseconds. */
const CACHED_MS = 1_000;

/**
 * Says what breaks a promise about runs that tasks begin, once all are over: a child for each attempt, or item,
 * and no other; a task that waited ended as its child did; whether a child was made or refused, the record and
 * the task say the same; one whose task was cancelled or took too long was cancelled, unless it was to be left; none
 * is made or refused against the switch of its workflow, and none begins before its time.
 */
export function judgeChildren(simulation: Simulation): void {
  const { activities, records, trace, childArrivals } = simulation;
  const all = activities.flatMap(({ id }) => records.peek(id) ?? []);
  const cancelled = new Set(
    childArrivals.flatMap(({ activityId, entry }) => {
      const { task, attempt } = entry.payload as ChildEntry;
      return entry.kind === CHILD_CANCEL ? childActivityIdOf(activityId, task, attempt) : [];
    }),
  );
  for (const child of all.filter(({ parent }) => parent !== undefined)) {
    const { activity = '', task = '', attempt = 0, index } = child.parent ?? {};
    const state = records.peek(activity)?.state?.tasks[task];
    const name = `${task} ${attempt} of ${activity.slice(0, 6)}`;
    if (child.id !== childActivityIdOf(activity, task, attempt, index)) {
      trace.violation(`${name} has a child under another id`);
    }
    judgeStart(child, name, simulation);
    if (state === undefined) trace.violation(`${name} was never begun, and has a child`);
    else if (!fits(child, state, attempt)) {
      trace.violation(`${name} is ${state.status}, and its child ${child.status}`);
    } else if (isLeftBehind(child, state, all) && !cancelled.has(child.id)) {
      trace.violation(`${name} is ${state.status}, and nobody cancelled its child`);
    }
  }
  for (const { id, state, retryOf } of all) {
    for (const [name, task] of Object.entries(state?.tasks ?? {})) {
      const { activity } = task.status === 'succeeded' ? task.results : {};
      const begunBy = typeof activity === 'string' && records.peek(activity)?.parent?.activity;
      // A retry keeps what the run before has, which may have it of one before that.
      if (begunBy !== false && begunBy !== id && (retryOf === undefined || begunBy === undefined)) {
        trace.violation(`${name} of ${id.slice(0, 6)} has a child that is not on record`);
      }
    }
  }
}

/** Between the request and the record the workflow was asked; what it was all that time, it has answered. */
function judgeStart(child: Activity, name: string, { switches, trace }: Simulation): void {
  const { event, createdAt, failure, state, notBefore = 0 } = child;
  const askedAt = Date.parse(String(event?.time)) - CLOCK_OFFSET_MS_MAX - CACHED_MS;
  const isOff = isSwitch(failure?.code) && state === undefined;
  if (isOff && switches.was('called', true, askedAt, createdAt))
    trace.violation(`${name} is refused as ${failure?.code}, and its workflow was on`);
  if (!isRefused(child) && switches.was('called', false, askedAt, createdAt))
    trace.violation(`${name} has a child, and its workflow was off`);
  const hasBegun = Object.values(state?.tasks ?? {}).some((task) => 'attempt' in task);
  if (hasBegun && (state?.startedAt ?? 0) < notBefore)
    trace.violation(
      `${name} has a child that began ${notBefore - (state?.startedAt ?? 0)} ms early`,
    );
}

function fits(child: Activity, task: TaskState, attempt: number): boolean {
  const { parent, status, state } = child;
  // Of an attempt that was over, whatever became of it.
  if (!('attempt' in task) || task.attempt !== attempt) return true;
  if (isForced(task)) return true;
  if (state === undefined) return isRefused(child) && task.status !== 'succeeded';
  const code = task.status === 'failed' ? task.failure.code : '';
  if (parent?.index === undefined && isRejected(code)) return false;
  if (parent?.waits === false) return true;
  if (task.status === 'succeeded') return status === 'succeeded';
  return code !== 'CHILD_FAILED' || status !== 'succeeded';
}

/** Whether an operator has ended it, whatever becomes of what it began. */
function isForced(task: TaskState): boolean {
  return 'forced' in task;
}

function isRejected(code: string | undefined): boolean {
  return code === 'CHILD_UNWANTED' || isSwitch(code);
}

function isRefused({ status, failure }: Activity): boolean {
  return status === 'failed' && isRejected(failure?.code);
}

/** Of the task "call", its last child: those of earlier attempts may have ended, and those of a list, too. */
function isLeftBehind(child: Activity, task: TaskState, all: readonly Activity[]): boolean {
  const { parent, state } = child;
  if (parent?.task !== 'call' || state === undefined) return false;
  const siblings = all.filter(
    (other) => other.parent?.activity === parent.activity && other.parent.task === 'call',
  );
  const isLast = siblings.every((other) => (other.parent?.attempt ?? 0) <= parent.attempt);
  return isLast && (task.status === 'cancelled' || task.status === 'timedout' || isForced(task));
}
