/** Formats an instant in milliseconds since 1970 as ISO 8601 in UTC. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** The same for an instant that may be absent. */
export function isoTimeIf(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : isoTime(ms);
}
