/** When the first attempt with the key of this one was handed out: what is sent under one key is the same each time. */
export function keyAtOf(attempt: { readonly keyAt?: number; readonly startedAt: number }): number {
  return attempt.keyAt ?? attempt.startedAt;
}
