import { type JsonObject } from '@app/json';

/** The scope of all workflows. Any other scope is the id of a workflow, which can't be this text. */
export const INSTALLATION = '*';

/** The most parameters, and the most secrets, of one scope. */
export const SCOPE_ENTRIES_MAX = 100;
/** The most characters of all parameters of one scope together, as JSON. */
export const SCOPE_PARAMETERS_CHARS_MAX = 256 * 1_024;
/** The most versions of one scope that are kept, whatever their age. */
export const SCOPE_VERSIONS_MAX = 1_000;

/**
 * Replaces the encrypted text of a deleted secret in earlier versions. The name stays, so that a run of such a version
 * does not use another scope's secret of the same name instead.
 */
export const FORGOTTEN = '';

/** A secret of tasks. Its text is stored encrypted and never returned by the API. */
export interface TaskSecret {
  readonly name: string;
  /** The text as encrypted by `libs/auth`; `FORGOTTEN` after the secret was deleted. */
  readonly encrypted: string;
  readonly changedAt: number;
}

/** What the tasks of a scope may refer to. */
export interface ScopeContent {
  readonly parameters: JsonObject;
  readonly secrets: readonly TaskSecret[];
}

/** An immutable version of a scope, except that the text of a deleted secret is removed from all versions. */
export interface ScopeVersion extends ScopeContent {
  readonly scope: string;
  /** From 1. */
  readonly version: number;
  readonly createdAt: number;
}

export interface NextVersion {
  readonly scope: string;
  readonly createdAt: number;
  /** Versions that were replaced before this time may be removed, in milliseconds since 1970. */
  readonly replacedBefore: number;
  /** Makes the new content from the latest one. If it throws, nothing changes, and the caller gets the error. */
  readonly change: (latest: ScopeContent) => ScopeContent;
}

/**
 * Stores versions of parameters and secrets; a run is pinned to the version it began with. Every method rejects with
 * `StoreUnavailableError`, like those of `ActivityStore`.
 */
export abstract class ScopeStore {
  abstract latest(scope: string): Promise<ScopeVersion | undefined>;

  /** Undefined when the version never existed or was removed. */
  abstract get(scope: string, version: number): Promise<ScopeVersion | undefined>;

  /**
   * Makes the next version, without deleted secrets. Concurrent changes are applied one after the other, each to the
   * result of the one before.
   * @throws ScopeFullError
   */
  abstract put(next: NextVersion): Promise<ScopeVersion>;

  /**
   * Replaces a secret's text by `FORGOTTEN` in the versions of the scope up to `last`, which a change does not touch.
   * Later versions may have another secret of that name.
   */
  abstract forget(scope: string, secret: string, last: number): Promise<void>;
}
