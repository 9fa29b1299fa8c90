import { type JsonObject, type JsonValue } from '@app/json';
import { type HttpCallParams } from '../http-call.js';
import { type JoinText } from '../parameters/text-part.js';

/** What a parameter of a task type may be. */
export interface ParamRule {
  readonly required: boolean;
  /** Completes "the parameter ..." for whoever wrote the value; undefined when the value is fine. */
  readonly problem: (value: JsonValue) => string | undefined;
  /** How a text with references in it is put together; without it values come in as they are. */
  readonly join?: JoinText;
  /** Another parameter that a task with this one can't have. */
  readonly notWith?: string;
}

/** What a task does once all it depends on is over and its parameters are resolved. */
export type Reached =
  | {
      readonly kind: 'succeeded';
      /** The text that the edges out of a decision are matched against. */
      readonly decision?: string;
      /** Members to add to the results of the whole run. */
      readonly runResults?: JsonObject;
    }
  | {
      /** Somebody outside must act; the task runs until the result comes. */
      readonly kind: 'call';
      readonly type: 'http';
      readonly params: HttpCallParams;
      /** One attempt takes no longer, unless the task says otherwise. */
      readonly timeoutMsDefault: number;
    }
  /** A value that only the run could show to be wrong. */
  | { readonly kind: 'invalid'; readonly param: string; readonly detail: string };

/** All that the engine knows about a task type. */
export interface TaskBehaviour {
  /** The parameters it takes; any other is a problem of the definition. */
  readonly params: ReadonlyMap<string, ParamRule>;
  /** The results that others may refer to. */
  readonly resultNames: readonly string[];
  readonly reach: (params: JsonObject) => Reached;
}
