const DAY_MS = 86_400_000;

/** When MongoDB may delete what was over at `endedAt`; nothing when it is kept for ever. */
export function expiry(
  endedAt: number,
  retentionDays: number | null,
): { readonly expiresAt?: Date } {
  return retentionDays === null ? {} : { expiresAt: new Date(endedAt + retentionDays * DAY_MS) };
}
