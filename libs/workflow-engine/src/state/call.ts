import { type JsonValue } from '@app/json';
import { type EventCallParams } from './event-call.js';
import { type HttpCallParams } from './http-call.js';

/** The parameters of a `script` task, resolved and checked. */
export interface ScriptCallParams {
  /** The body of a function; never searched for `$(...)`. */
  readonly source: string;
  /** What the function gets as `input`. */
  readonly input: JsonValue;
}

/** The task types whose calls are made by the process that drives the run, with their parameters. */
export interface CallParams {
  readonly http: HttpCallParams;
  readonly script: ScriptCallParams;
  readonly event: EventCallParams;
}

export type CallType = keyof CallParams;

/** A call and its parameters, resolved and checked. */
export type Call<Type extends CallType = CallType> = {
  readonly [Of in Type]: { readonly type: Of; readonly params: CallParams[Of] };
}[Type];

/** The slots that calls wait for; each kind has a bound of its own in an executor. */
export type CallSlot = 'http-call' | 'script' | 'event';

export function slotOf(taskType: string): CallSlot {
  return taskType === 'script' || taskType === 'event' ? taskType : 'http-call';
}
