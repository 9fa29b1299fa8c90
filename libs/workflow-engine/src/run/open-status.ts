import {
  type ActivityState,
  type RunAgain,
  type TaskState,
  type WaitingFor,
} from '../state/activity-state.js';
import { type CallSlot, slotOf } from '../state/call.js';
import { WAITING_FOR_MAX } from '../bounds.js';
import { type WaitingTask, type WaitReason } from '../state/waiting.js';
import { timesIn } from '../task-types/approval.js';
import { isFinal } from '../state/activity-status.js';
import { type TaskTable } from './tasks/task-table.js';
import { firstWakeOf } from './tasks/walks.js';

const CALLS: Readonly<Record<CallSlot, string>> = {
  'http-call': 'the HTTP call',
  script: 'the script',
  event: 'the event',
};

const ANSWERS: Readonly<Record<CallSlot, string>> = {
  'http-call': 'the answer to the HTTP call',
  script: 'the end of the script',
  event: 'the receipt for the event',
};

const OUTBOX_ROOM = 'room in the outbox of the run, which makes some with each delivery';

/**
 * The status of a run that is not over, after an `advance`: `running` while an effect is under way, `waiting` if only
 * time or a signal can move it. `waitingFor` lists what its tasks wait for, at most `WAITING_FOR_MAX` entries.
 */
export function openStatus(
  tasks: Pick<TaskTable, 'begun' | 'at' | 'hasRunning'>,
  again?: ActivityState['again'],
): Pick<ActivityState, 'status' | 'waitingFor'> {
  if (again?.until !== undefined) return { status: 'waiting', waitingFor: [waitOfRun(again)] };
  const waitingFor: WaitingFor[] = [];
  for (const { name, type, at } of tasks.begun(WAITING_FOR_MAX)) {
    const wait = waitOf(name, slotOf(type), tasks.at(at));
    if (wait !== undefined) waitingFor.push(wait);
  }
  return { status: tasks.hasRunning ? 'running' : 'waiting', waitingFor };
}

function waitOfRun({ attempt, since, until, failure }: RunAgain): WaitingFor {
  const what = `attempt ${attempt} of the run, because the one before failed (${failure.code})`;
  return { task: '', kind: 'retry', what, since, ...(until !== undefined && { until }) };
}

function waitOf(task: string, slot: CallSlot, state: TaskState): WaitingFor | undefined {
  if (state.status === 'running') {
    const { attempt, startedAt: since, timeoutAt: until, queued } = state;
    const reason = queued
      ? ({ kind: 'slot', what: slotText(slot, attempt) } as const)
      : ({ kind: 'call', what: answerOf(slot, attempt) } as const);
    return { task, ...reason, since, ...(until !== undefined && { until }) };
  }
  if (state.status === 'waiting') {
    const { attempt, on, timeoutAt = Infinity } = state;
    const { kind, since } = on;
    const until = Math.min(endOf(state) ?? Infinity, timeoutAt);
    const what = whatFor(on, attempt);
    return until === Infinity ? { task, kind, what, since } : { task, kind, what, since, until };
  }
  return undefined;
}

/** When time ends the wait: not when an executor checks it, or reminds of it, and it goes on. */
function endOf({ on, memory = {} }: WaitingTask): number | undefined {
  if (on.kind === 'children' || on.kind === 'worker') return undefined;
  return on.kind === 'approval' ? timesIn(memory).dueAt : on.until;
}

function whatFor(on: WaitReason, attempt: number): string {
  switch (on.kind) {
    case 'retry':
      return `attempt ${attempt}, because the one before failed (${on.failure.code})`;
    case 'paused':
      return `an operator to retry, complete, fail or skip it, because its last attempt failed (${on.failure.code})`;
    case 'slot':
      return on.slot === 'outbox' ? OUTBOX_ROOM : slotText(on.slot, attempt);
    case 'timer':
      return 'its time';
    case 'event':
      return `an event of the topic "${on.topic}"${on.isFiltered ? ' that its filter matches' : ''}`;
    case 'approval': {
      const from = on.group === undefined ? '' : ` of the group "${on.group}"`;
      return `${on.open} more to approve${from}`;
    }
    case 'lock':
      return `the lock "${on.lock}"`;
    case 'children':
      return `the end of ${on.open} run(s)${ofWorkflow(on.workflow)} that it began`;
    case 'worker':
      return `a worker of the queue "${on.queue}"`;
  }
}

function ofWorkflow(workflow: string | undefined): string {
  return workflow === undefined ? '' : ` of "${workflow}"`;
}

function answerOf(slot: CallSlot, attempt: number): string {
  return `${ANSWERS[slot]} of attempt ${attempt}`;
}

function slotText(slot: CallSlot, attempt: number): string {
  const why =
    slot === 'event'
      ? 'because as many as may be are under way, or NATS is away'
      : 'because as many as may be are under way';
  return `a slot for ${CALLS[slot]} of attempt ${attempt}, ${why}`;
}

/**
 * The earliest time at which the input `time` changes something, in milliseconds since 1970: a retry, the end of a
 * wait, or the timeout of an attempt or of the run. Undefined when only an answer or a signal can.
 */
export function nextWakeAt(state: ActivityState): number | undefined {
  if (isFinal(state.status)) return undefined;
  const ofRun = Math.min(state.timeoutAt ?? Infinity, state.again?.until ?? Infinity);
  const earliest = Math.min(ofRun, firstWakeOf(state.tasks));
  return earliest === Infinity ? undefined : earliest;
}
