/** Why a script gave no result; docs/errors.md has each. */
export type ScriptFailureCode =
  | 'SCRIPT_INVALID'
  | 'SCRIPT_FAILED'
  | 'SCRIPT_TIMEOUT'
  | 'SCRIPT_OUT_OF_MEMORY'
  | 'SCRIPT_RESULT_INVALID'
  | 'SCRIPT_RESULT_TOO_LARGE'
  | 'SCRIPT_THREAD_LOST';

export type ScriptAnswer =
  /** `json` is absent when it returned nothing. */
  | { readonly kind: 'returned'; readonly json?: string }
  | { readonly kind: 'failed'; readonly code: ScriptFailureCode; readonly message: string };

/** One run of a script. */
export interface ScriptJob {
  readonly source: string;
  /** JSON; integers that a double can't hold are texts that begin with `mark`. */
  readonly input: string;
  /** In the answer such integers are written the same way. */
  readonly mark: string;
}

export interface ScriptLimits {
  /** How long one may run, in milliseconds. */
  readonly msMax: number;
  /** What its sandbox may take in all, in bytes; a multiple of 64 KiB. */
  readonly memoryBytesMax: number;
  /** The JSON of its results, in bytes. */
  readonly resultBytesMax: number;
}

/** What a thread is begun with. */
export interface ScriptThreadData {
  readonly limits: ScriptLimits;
  /** One number: that of the job which is to be stopped. */
  readonly stopped: SharedArrayBuffer;
}

export interface ScriptRequest {
  readonly number: number;
  readonly job: ScriptJob;
}

export function scriptFailed(code: ScriptFailureCode, message: string): ScriptAnswer {
  return { kind: 'failed', code, message };
}
