/** What an attribute may be: CloudEvents 1.0.2, "Type System". Integers have 32 bits. */
export type AttributeValue = string | number | boolean;

/** The attributes of an event besides its extensions: CloudEvents 1.0.2, "Context Attributes". */
export interface ContextAttributes {
  readonly specversion: '1.0';
  /** With `source` it names the event: the same event sent again runs once. */
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
  /** Bytes, in the place of `data`: base64 with padding. */
  readonly data_base64?: string;
  /** Extensions: an `AttributeValue` each, their names lower-case letters and digits. */
  readonly [extension: string]: unknown;
}

/** The answer to an event that was accepted: its attributes and extensions, without its data. */
export interface Receipt extends ContextAttributes {
  /** The run of the event: `GET /api/v2/activities/<activityid>`. */
  readonly activityid: string;
  /** Other runs of the workflow, which waited for it by its topic and `correlationid`. */
  readonly signalled?: readonly string[];
  readonly [extension: string]: AttributeValue | readonly string[] | undefined;
}

/** The answer (200) to an event that the trigger's filter does not want: nothing runs. */
export interface FilteredReceipt extends ContextAttributes {
  readonly outcome: 'filtered';
  /** The first clause of the filter that does not hold, and what it saw. */
  readonly reason?: string;
  readonly [extension: string]: AttributeValue | undefined;
}

/** The answer (202) to an event that is for runs which wait for it, or which it cancels. */
export interface SignalledReceipt extends ContextAttributes {
  /** `kept`: nothing waits for it yet; the first run that does gets it. */
  readonly outcome: 'signalled' | 'kept' | 'cancelled';
  /** The runs that have it. */
  readonly activities: readonly string[];
  /** Until when it is kept, RFC 3339. */
  readonly keptuntil?: string;
  readonly [extension: string]: unknown;
}

/** The answer of `POST /api/v2/events`: 202 if the event has started something or is for a run, else 200. */
export interface EventsReceipt extends ContextAttributes {
  /** One for each workflow that wants the event; all of them are recorded. */
  readonly activities: readonly {
    readonly workflowId: string;
    readonly activityid: string;
    /** It had been accepted before. */
    readonly replayed: boolean;
  }[];
  /** Runs that waited for it by its `type` and `correlationid`. */
  readonly signalled?: readonly { readonly workflowId: string; readonly activityid: string }[];
  /** Workflows that wait for such events, where no run waits for this one yet; RFC 3339. */
  readonly kept?: readonly { readonly workflowId: string; readonly until: string }[];
  /** With `?explain=true`: of the others that the token may start, the first 100. */
  readonly notMatched?: readonly { readonly workflowId: string; readonly reason: string }[];
  readonly [extension: string]: unknown;
}

/** One thing that is wrong. `attribute` names an attribute of an event, `path` a place in a body. */
export interface Problem {
  readonly path?: string;
  readonly attribute?: string;
  /** Where it stands in a text that was sent, such as YAML; both from 1. */
  readonly line?: number;
  readonly column?: number;
  readonly detail: string;
}

/** The body of every answer that is an error: RFC 9457, with `code` and `errors` as extensions. */
export interface ProblemDetails {
  /** `about:blank`: the problem is told by `code`, and `title` is the status in words. */
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Stable. */
  readonly code: string;
  /** Everything that is wrong, where it is more than `detail` says. */
  readonly errors?: readonly Problem[];
  /** Of a fault on the server's side: names the entry in its log. */
  readonly instance?: string;
}

/** An event of a batch that was not accepted. */
export interface RefusedEvent extends Pick<
  ProblemDetails,
  'status' | 'code' | 'detail' | 'errors'
> {
  /** `id` and `source` as sent, if they are texts. */
  readonly id?: string;
  readonly source?: string;
}

/** The answer to a batch: an entry for each event, in the order they were sent. */
export type BatchAnswer = readonly (Receipt | FilteredReceipt | RefusedEvent)[];
