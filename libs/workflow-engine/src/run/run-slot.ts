import { type JsonObject, toJsonText } from '@app/json';
import { type WhenFull } from '../definition/definition.js';
import { SLOT_KEY_CHARS_MAX } from '../bounds.js';
import { textOf } from '../json.js';
import { type RunScope } from '../parameters/find-value.js';
import { resolveParams } from '../parameters/resolve.js';
import { type Plan } from '../plan/plan.js';
import { type ActivityState, type RunSlot, type WaitingFor } from '../state/activity-state.js';
import { type Failure, FAILURE_CODES, workflowFailure } from '../state/failure.js';
import { type HeldEntry, type OutboxDraft } from '../state/outbox-entry.js';
import { type LockEntry } from '../task-types/locks.js';

/** The kinds of entries that request a slot, and that release it or withdraw the request. */
export const SLOT_REQUEST = 'slot-request';
export const SLOT_RELEASE = 'slot-release';

/** The payload of both: a slot is a lock with up to `limit` holders, which are runs and not tasks. */
export interface SlotEntry extends LockEntry {
  readonly limit: number;
  readonly whenFull?: WhenFull;
  readonly debounceMs?: number;
  readonly throttleMs?: number;
}

/** The slot that a run needs before its first task. A failure if its key can't be resolved; undefined if it needs none. */
export function slotOf(
  plan: Plan,
  scope: RunScope,
  given: JsonObject,
): RunSlot | Failure | undefined {
  if (plan.concurrency === undefined) return undefined;
  const { key: template, ...terms } = plan.concurrency;
  const workflow = textOf(scope.context['workflow-ref'] ?? '');
  if (template === undefined) return { name: toJsonText([workflow]), ...terms };
  const { secretParams, defaults, pathStepsMax } = plan;
  const sources = { scope, given, secretParams, defaults, pathStepsMax, tasks: {} };
  const resolution = resolveParams([{ name: 'key', template }], sources);
  if (resolution.kind === 'unresolved') {
    const { code, message } = resolution;
    return workflowFailure(code, `The key of its concurrency: ${message}`);
  }
  const { key: value = null } = resolution.params;
  // Runs that have nothing in common would share it, and one of them might end in favour of another.
  if (value === null) {
    const message = `The key of its concurrency is null; a default makes such runs share a key, as in $(default(params.x, 'none'))`;
    return workflowFailure(FAILURE_CODES.PARAM_UNRESOLVED, message);
  }
  const key = textOf(value);
  if (key.length <= SLOT_KEY_CHARS_MAX) {
    return { name: toJsonText([workflow, key]), key, ...terms };
  }
  const message = `The key of its concurrency has ${key.length} characters, more than ${SLOT_KEY_CHARS_MAX}`;
  return workflowFailure(FAILURE_CODES.PARAM_INVALID, message);
}

/** The request of the slot, and its release for every end of the run. */
export function slotEntries({ name: lock, key: _, grantedAt: __, ...terms }: RunSlot): {
  readonly request: OutboxDraft;
  readonly hold: HeldEntry;
} {
  const payload: SlotEntry = { lock, task: '', attempt: 1, ...terms };
  const key = `slot:${lock}`;
  return {
    request: { kind: SLOT_REQUEST, key, payload },
    hold: { name: key, entry: { kind: SLOT_RELEASE, key, payload } },
  };
}

/** The status and the wait of a run that waits for its slot. */
export function queuedFor(
  { key, limit, debounceMs }: RunSlot,
  since: number,
): Pick<ActivityState, 'status'> & { readonly waitingFor: readonly WaitingFor[] } {
  const others = key === undefined ? '' : ` with the key "${key}"`;
  const put = debounceMs === undefined ? '' : `, no sooner than ${debounceMs} ms after its event`;
  const what = `a slot: ${limit} of the runs of its workflow${others} may be under way at once${put}`;
  return { status: 'queued', waitingFor: [{ task: '', kind: 'slot', what, since }] };
}
