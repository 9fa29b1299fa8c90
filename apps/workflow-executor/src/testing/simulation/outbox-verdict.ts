import { type Activity, type ActivityCommit, type DeliveredRun } from '@app/persistence';
import { isJsonObject, type JsonValue } from '@app/json';
import {
  isFinal,
  type OutboxEntry,
  WORKER_CANCEL_ENTRY,
  WORKER_TASK_ENTRY,
} from '@app/workflow-engine';
import { type Arrival } from './simulated-receiver.js';
import { type Trace } from './trace.js';

interface Posted {
  readonly entry: OutboxEntry;
  /** Whether it has arrived, or was refused for good. */
  isOver: boolean;
}

/**
 * Says what breaks a promise about outboxes:
 *
 * - nothing arrives that is not on record;
 * - each entry arrives, or is refused for good, and none leaves the record before, but for work that is taken back;
 * - of one key none arrives before all that were made earlier;
 * - the run has made as many as went on record; its end is no end of them;
 * - what has ended has a wake-up exactly as long as it has something to deliver, and only that changes.
 */
export class OutboxVerdict {
  readonly #posted = new Map<string, Posted[]>();

  constructor(
    private readonly trace: Trace,
    private readonly broken: (what: string) => void,
  ) {}

  readonly onArrival = ({ activityId, entry }: Arrival): void => {
    const name = `${activityId.slice(0, 6)} entry ${entry.id}`;
    const posted = this.#of(activityId);
    const own = posted.find((one) => one.entry.id === entry.id);
    if (!own) {
      this.broken(`${name} arrives and is not on record`);
      return;
    }
    const ofKey = posted.filter((one) => one.entry.key === entry.key);
    const before = ofKey
      .slice(0, ofKey.indexOf(own))
      .find(({ entry: earlier, isOver }) => !isOver && !isCancelled(earlier, ofKey));
    if (before) this.broken(`${name} arrives before entry ${before.entry.id} of its key`);
    own.isOver = true;
  };

  onCommit(before: Activity, { id, state, outbox = {}, wakeAt }: ActivityCommit): void {
    const { posted = [], gone = [] } = outbox;
    const all = this.#of(id);
    for (const entry of posted) all.push({ entry, isOver: false });
    this.#judgeLeaving(id, gone);
    if (state.outboxCount !== undefined && state.outboxCount !== all.length) {
      const counts = `${state.outboxCount} made, ${all.length} on record`;
      this.broken(`${id.slice(0, 6)} loses entries: ${counts}`);
    }
    const rest = [...(before.outbox ?? []), ...posted].filter((one) => !gone.includes(one.id));
    const isOpen = !isFinal(state.status) || rest.length > 0;
    if (isOpen !== (wakeAt !== undefined)) {
      const told = `${state.status} with ${rest.length} entries`;
      this.broken(`${id.slice(0, 6)} ${told}: wake-up ${wakeAt}`);
    }
  }

  onRelease({ id, outbox = [] }: Activity, { delivered }: DeliveredRun): void {
    this.#judgeLeaving(id, delivered);
    const kept = outbox.find((entry) => !delivered.includes(entry.id));
    if (kept) this.broken(`${id.slice(0, 6)} is let go of with entry ${kept.id} to deliver`);
  }

  judgeEnd(id: string): void {
    for (const { entry, isOver } of this.#of(id)) {
      if (!isOver) this.broken(`${id.slice(0, 6)} entry ${entry.id} ${entry.kind} never arrives`);
    }
    this.trace.add('end', `${id.slice(0, 6)} ${this.#of(id).length} entries`);
  }

  #judgeLeaving(id: string, gone: readonly string[]): void {
    const all = this.#of(id);
    for (const left of gone) {
      const own = all.find(({ entry }) => entry.id === left);
      if (own && isCancelled(own.entry, all)) own.isOver = true;
      if (!own?.isOver) this.broken(`${id.slice(0, 6)} entry ${left} leaves and never arrived`);
    }
  }

  #of(activityId: string): Posted[] {
    const posted = this.#posted.get(activityId) ?? [];
    this.#posted.set(activityId, posted);
    return posted;
  }
}

/** Whether it asks a worker for what a later entry takes back: nobody has to be told of it. */
function isCancelled({ id, kind, key, payload }: OutboxEntry, all: readonly Posted[]): boolean {
  if (kind !== WORKER_TASK_ENTRY) return false;
  const later = all.slice(all.findIndex(({ entry }) => entry.id === id) + 1);
  return later.some(
    ({ entry }) =>
      entry.kind === WORKER_CANCEL_ENTRY &&
      entry.key === key &&
      attemptOf(entry.payload) === attemptOf(payload),
  );
}

function attemptOf(payload: JsonValue): JsonValue | undefined {
  return isJsonObject(payload) ? payload['attempt'] : undefined;
}
