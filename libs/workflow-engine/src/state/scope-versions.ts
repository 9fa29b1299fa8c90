/**
 * By which versions of the installation's parameters and secrets, and of its workflow's secrets, a run goes: those
 * that were the latest when it began. Absent where there were none.
 */
export interface ScopeVersions {
  readonly installation?: number;
  readonly workflow?: number;
}
