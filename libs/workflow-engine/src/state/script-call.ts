import { type JsonValue } from '@app/json';

/** What a `script` task asks for, resolved and checked. */
export interface ScriptCallParams {
  /** The body of a function; never searched for `$(...)`. */
  readonly source: string;
  /** What the function gets as `input`. */
  readonly input: JsonValue;
}
