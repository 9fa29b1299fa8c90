/** The value of an attribute: CloudEvents 1.0.2, "Type System". Integers are signed and have 32 bits. */
export type AttributeValue = string | number | boolean;

/** The attributes of an event besides its extensions: CloudEvents 1.0.2, "Context Attributes". */
export interface ContextAttributes {
  readonly specversion: '1.0';
  /** `source` and `id` together identify the event. An event that is sent again starts no second run. */
  readonly id: string;
  /** A URI-reference. */
  readonly source: string;
  readonly type: string;
  /** `/<workflowId>` or `/<workflowId>/<topic>`, unless the URL names the workflow. */
  readonly subject?: string;
  /** RFC 3339. */
  readonly time?: string;
  readonly datacontenttype?: string;
  /** An absolute URI. */
  readonly dataschema?: string;
}

/** An event in structured mode, the body of `application/cloudevents+json`. */
export interface StructuredEvent<Data = unknown> extends ContextAttributes {
  readonly data?: Data;
  /** Binary data, instead of `data`: base64 with padding. */
  readonly data_base64?: string;
  /** Extension attributes: each is an `AttributeValue`, and its name has lower-case letters and digits only. */
  readonly [extension: string]: unknown;
}

/** The answer to an event that was accepted: its attributes and extensions, without its data. */
export interface Receipt extends ContextAttributes {
  /** The id of the run that the event started: `GET /api/v2/activities/<activityid>`. */
  readonly activityid: string;
  /** The ids of other runs of the workflow that waited for the event's topic and `correlationid`. */
  readonly signalled?: readonly string[];
  readonly [extension: string]: AttributeValue | readonly string[] | undefined;
}

/** The answer (200) to an event that does not match the trigger's filter. Nothing runs. */
export interface FilteredReceipt extends ContextAttributes {
  readonly outcome: 'filtered';
  /** The first clause of the filter that does not hold, and the value that it was compared with. */
  readonly reason?: string;
  readonly [extension: string]: AttributeValue | undefined;
}

/** The answer (202) to an event that is addressed to existing runs: they wait for it, or it cancels them. */
export interface SignalledReceipt extends ContextAttributes {
  /** `kept`: no run waits for the event yet. It is delivered to the first run that does. */
  readonly outcome: 'signalled' | 'kept' | 'cancelled';
  /** The ids of the runs that received the event. */
  readonly activities: readonly string[];
  /** With `kept`: when the event is discarded, RFC 3339. */
  readonly keptuntil?: string;
  readonly [extension: string]: unknown;
}

/** The answer of `POST /api/v2/events`: 202 if the event started a run or was delivered to one, else 200. */
export interface EventsReceipt extends ContextAttributes {
  /** The runs that the event started, one for each workflow whose trigger matches. All of them are recorded. */
  readonly activities: readonly {
    readonly workflowId: string;
    readonly activityid: string;
    /** True if the event had been accepted before. */
    readonly replayed: boolean;
  }[];
  /** The runs that waited for the event's `type` and `correlationid`. */
  readonly signalled?: readonly { readonly workflowId: string; readonly activityid: string }[];
  /** Workflows for which the event is kept, because no run waits for it yet. `until` is RFC 3339. */
  readonly kept?: readonly { readonly workflowId: string; readonly until: string }[];
  /** With `?explain=true`: the first 100 workflows that the token may start and that the event did not start. */
  readonly notMatched?: readonly { readonly workflowId: string; readonly reason: string }[];
  readonly [extension: string]: unknown;
}

/** One problem of a request. `attribute` names an attribute of an event, `path` a place in a body. */
export interface Problem {
  readonly path?: string;
  readonly attribute?: string;
  /** The position of the problem in a text that was sent, such as YAML. `line` and `column` count from 1. */
  readonly line?: number;
  readonly column?: number;
  readonly detail: string;
}

/** The body of every error answer: RFC 9457, with the extension members `code` and `errors`. */
export interface ProblemDetails {
  /** Always `about:blank`: `code` identifies the problem, and `title` is the status in words. */
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Identifies the problem. Codes do not change between releases; docs/errors.md lists them. */
  readonly code: string;
  /** All problems, if there is more to say than `detail` does. */
  readonly errors?: readonly Problem[];
  /** With a fault of the server: identifies the entry in the server's log. */
  readonly instance?: string;
}

/** An event of a batch that was not accepted. */
export interface RefusedEvent extends Pick<
  ProblemDetails,
  'status' | 'code' | 'detail' | 'errors'
> {
  /** `id` and `source` of the event as they were sent. Absent unless they are strings. */
  readonly id?: string;
  readonly source?: string;
}

/** The answer to a batch: one entry for each event, in the order in which the events were sent. */
export type BatchAnswer = readonly (Receipt | FilteredReceipt | RefusedEvent)[];
