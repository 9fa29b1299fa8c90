import { type JsonValue } from '@app/json';
import { type EventCallParams } from './event-call.js';
import { type HttpCallParams } from './http-call.js';

/** What a `script` task asks for, resolved and checked. */
export interface ScriptCallParams {
  /** The body of a function; never searched for `$(...)`. */
  readonly source: string;
  /** What the function gets as `input`. */
  readonly input: JsonValue;
}

/** What the process that drives a run carries out for it, by the task type, and what it needs for that. */
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

/** What such a call may have to wait for. */
export type CallSlot = 'http-call' | 'script' | 'event';

export function slotOf(taskType: string): CallSlot {
  return taskType === 'script' || taskType === 'event' ? taskType : 'http-call';
}
