import { type Signal } from '@app/workflow-engine';
import { type DueClaim } from '../../activities/activity-store.js';
import { type Activity, type OutboxChange } from '../../activities/activity.js';

/** A stored activity, changed in place. */
export type Row = { -readonly [Name in keyof Activity]: Activity[Name] };

export function changeOutbox(
  row: Row,
  { posted = [], gone = [], undelivered = [] }: OutboxChange,
): void {
  const outbox = [...(row.outbox ?? []), ...posted].filter(({ id }) => !gone.includes(id));
  delete row.outbox;
  if (outbox.length > 0) row.outbox = outbox;
  if (undelivered.length > 0) {
    row.undelivered = [...(row.undelivered ?? []), ...undelivered].slice(0, 20);
  }
}

export function setTakeovers(row: Row, takeovers: number): void {
  delete row.takeovers;
  if (takeovers > 0) row.takeovers = takeovers;
}

export function setWakeUp(
  row: Row,
  wakeAt: number | undefined,
  leaseOwner: string | undefined,
): void {
  delete row.wakeAt;
  delete row.leaseOwner;
  if (wakeAt !== undefined) row.wakeAt = wakeAt;
  if (leaseOwner !== undefined) row.leaseOwner = leaseOwner;
}

/** When an activity without a lease is due by this signal. */
export function wakeUpBy({ inbox, wakeAt, notBefore = 0 }: Row, { kind, at }: Signal): number {
  const due = kind === 'cancel' ? at : Math.max(at, notBefore);
  const isCancelled = inbox.some((one) => one.kind === 'cancel');
  return isCancelled && wakeAt !== undefined ? Math.min(wakeAt, due) : due;
}

/** Whether a due activity is returned without a claim, so that other callers may get it, too. */
export function isUnclaimed(row: Row, { unclaimed = () => false }: DueClaim): boolean {
  return row.leaseOwner === undefined && row.takeovers === undefined && unclaimed(row);
}

/** Claims an activity: `later` if it is a takeover with a delay, which leaves it unclaimed until that is over. */
export function claimRow(
  row: Row,
  { now, leaseMs, owner, early, takeoverDelayMs }: DueClaim,
): 'now' | 'later' {
  row.lockVersion += 1;
  let delayMs = 0;
  if (row.leaseOwner !== undefined && early === undefined) {
    const takeovers = (row.takeovers ?? 0) + 1;
    setTakeovers(row, takeovers);
    delayMs = takeoverDelayMs?.(takeovers) ?? 0;
  }
  if (delayMs > 0) setWakeUp(row, now + delayMs, undefined);
  else setWakeUp(row, now + leaseMs, owner);
  return delayMs > 0 ? 'later' : 'now';
}
