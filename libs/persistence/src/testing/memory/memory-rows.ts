import { type Activity, type OutboxChange } from '../../activities/activity.js';

/** A record that is changed in place. */
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
