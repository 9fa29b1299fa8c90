import { type JsonObject } from '@app/json';

/** The scope of all workflows; any other is the id of one, which can't be this. */
export const INSTALLATION = '*';

/** Parameters, and secrets, of one scope. */
export const SCOPE_ENTRIES_MAX = 100;
/** All parameters of one scope together, as JSON. */
export const SCOPE_PARAMETERS_CHARS_MAX = 256 * 1_024;
/** Versions of one scope that are kept at most, however young: each takes up to the bounds above. */
export const SCOPE_VERSIONS_MAX = 1_000;

/**
 * In the place of the encrypted text of a secret that was deleted after that version. The name stays: a run of
 * that version must not take another scope's secret of the same name for it.
 */
export const FORGOTTEN = '';

/** What tasks send and nobody may read. Its text is encrypted and never given out. */
export interface TaskSecret {
  readonly name: string;
  /** As `libs/auth` has encrypted it; `FORGOTTEN` when it was deleted. */
  readonly encrypted: string;
  readonly changedAt: number;
}

/** What the tasks of a scope may refer to. */
export interface ScopeContent {
  readonly parameters: JsonObject;
  readonly secrets: readonly TaskSecret[];
}

/** An immutable version of a scope; only the text of a secret that was deleted goes from all of them. */
export interface ScopeVersion extends ScopeContent {
  readonly scope: string;
  /** From 1. */
  readonly version: number;
  readonly createdAt: number;
}

export interface NextVersion {
  readonly scope: string;
  readonly createdAt: number;
  /** Versions that were replaced before this may go, in milliseconds since 1970. */
  readonly replacedBefore: number;
  /** Of the latest content; what it throws is thrown, and then nothing has changed. */
  readonly change: (latest: ScopeContent) => ScopeContent;
}

/**
 * Parameters and secrets by version: a run goes by the one that it began with. Every method rejects with
 * `StoreUnavailableError` as those of `ActivityStore` do.
 */
export abstract class ScopeStore {
  abstract latest(scope: string): Promise<ScopeVersion | undefined>;

  /** Undefined when there was none of that number, or it is not kept any more. */
  abstract get(scope: string, version: number): Promise<ScopeVersion | undefined>;

  /**
   * Makes the next version, without what is forgotten. Of several who come at once each changes what the one before has made.
   * @throws ScopeFullError
   */
  abstract put(next: NextVersion): Promise<ScopeVersion>;

  /**
   * Puts `FORGOTTEN` in the place of a secret's text in the versions of the scope up to `last`, in which a change
   * alone leaves it. Later ones may have another secret of that name.
   */
  abstract forget(scope: string, secret: string, last: number): Promise<void>;
}
