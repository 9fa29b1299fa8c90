import { type Activity, type ActivityCommit, type NewActivity } from '@app/persistence';
import { type ActivityState, isFinal } from '@app/workflow-engine';
import { type Trace } from './trace.js';

/** What is left of a simulation when all its runs are over. */
interface Ended {
  readonly activities: readonly Pick<NewActivity, 'id'>[];
  readonly records: { readonly peek: (id: string) => Activity | undefined };
  readonly trace: Trace;
}

type State = Pick<ActivityState, 'status' | 'slot' | 'tasks'>;

type Judged = Pick<Activity, 'id' | 'state' | 'event'>;

/**
 * Says it when a commit lets more runs be under way than may be, of one customer if its workflow has a key, or one that
 * has no slot.
 */
export function judgeSlots(
  { id, state }: ActivityCommit,
  all: readonly (Judged | undefined)[],
  trace: Trace,
): void {
  if (!hasSlot(state)) {
    if (!isFinal(state.status) && hasBegun(state))
      trace.violation(`${id.slice(0, 6)} has begun without its slot`);
    return;
  }
  const own = customerOf(all.find((one) => one?.id === id));
  const isKeyed = state.slot?.key !== undefined;
  const others = all.filter(
    (other) =>
      other?.id !== id &&
      other?.state &&
      hasSlot(other.state) &&
      (!isKeyed || customerOf(other) === own),
  );
  const limit = state.slot?.limit ?? 0;
  if (others.length < limit) return;
  const names = others.map((other) => other?.id.slice(0, 6)).join(' ');
  trace.violation(`${id.slice(0, 6)} has one of ${limit} slots beside ${names}`);
}

/** Once all are over: who only waits in line is not ended by others, and somebody always runs. */
export function judgeRejected({ activities, records, trace }: Ended, mayReject: boolean): void {
  const ended = activities.map(({ id }) => records.peek(id)?.failure?.code ?? '');
  const rejected = ended.filter((code) => code.startsWith('CONCURRENCY_'));
  if (!mayReject && rejected.length > 0)
    trace.violation(`${rejected.length} that were to wait are ended: ${rejected.join(' ')}`);
  if (rejected.length === activities.length) trace.violation('All have made room for others');
}

function customerOf(one: Judged | undefined): string {
  const data = one?.event?.data;
  return data?.kind === 'json' ? data.text : '';
}

/** Every run that the slots are for has one before its first task. */
function hasBegun({ tasks }: State): boolean {
  return Object.values(tasks).some(({ status }) => status !== 'pending');
}

function hasSlot({ status, slot }: State): boolean {
  return !isFinal(status) && slot?.grantedAt !== undefined;
}
