import { isJsonObject, type JsonObject } from '@app/json';
import {
  type Advance,
  isFinal,
  type OutboxEntry,
  postTo,
  WEBHOOK_ENTRY,
} from '@app/workflow-engine';
import { type AddEntries } from '../outbox/status-entries.js';

/** Does as `add`, and adds the final status of the run to the payloads of its webhooks, in the commit that ends it. */
export function withWebhookEntries(add: AddEntries): AddEntries {
  return (before, step, now, parent) => {
    const added = add(before, withoutHolds(step, before.outbox, now), now, parent);
    const { status, failure } = added.state;
    if (!isFinal(status) || !added.outbox.some(isWebhook)) return added;
    const previous = before.state?.status ?? 'queued';
    const end = { status, previous, code: failure?.code ?? null };
    return {
      ...added,
      outbox: added.outbox.map((entry) =>
        isWebhook(entry) ? { ...entry, payload: { ...membersOf(entry), ...end } } : entry,
      ),
    };
  };
}

/** Posts the webhooks that a run still holds when it ends: a run that ends before its first step has posted none. */
function withoutHolds(step: Advance, pending: readonly OutboxEntry[], now: number): Advance {
  if (step.state.holds === undefined || !isFinal(step.state.status)) return step;
  const { holds, ...state } = step.state;
  const ours = holds.filter(({ entry }) => entry.kind === WEBHOOK_ENTRY);
  if (ours.length === 0) return step;
  const others = holds.filter((hold) => !ours.includes(hold));
  let added: Advance = {
    ...step,
    state: { ...state, ...(others.length > 0 && { holds: others }) },
  };
  for (const { entry } of ours) added = postTo(added, entry, pending, now) ?? added;
  return added;
}

function isWebhook({ kind }: OutboxEntry): boolean {
  return kind === WEBHOOK_ENTRY;
}

function membersOf({ payload }: OutboxEntry): JsonObject {
  return isJsonObject(payload) ? payload : {};
}
