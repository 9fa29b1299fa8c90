/**
 * Codes of the server that mean "not now", whoever asked for what: it shuts down, is not the primary
 * (any more), can't reach another member, or was not done in time. From MongoDB's error codes; the
 * specification of retryable writes lists most of them.
 */
const PASSING: ReadonlySet<unknown> = new Set([
  6, // HostUnreachable
  7, // HostNotFound
  50, // MaxTimeMSExpired
  64, // WriteConcernTimeout
  89, // NetworkTimeout
  91, // ShutdownInProgress
  189, // PrimarySteppedDown
  262, // ExceededTimeLimit
  9001, // SocketException
  10107, // NotWritablePrimary
  11600, // InterruptedAtShutdown
  11602, // InterruptedDueToReplStateChange
  13435, // NotPrimaryNoSecondaryOk
  13436, // NotPrimaryOrSecondary
]);

export function isPassingCode(code: unknown): boolean {
  return PASSING.has(code);
}
