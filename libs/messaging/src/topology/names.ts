/*
 * Every subject and stream name there is (docs/design.md#nats). All begin with the namespace, so that
 * several installations, or tests, can share one server.
 */

/**
 * The stream of events that may be nowhere else: `FLOW_EVENTS`. What is in it is on the disk before it
 * is acknowledged, as far as the server's settings go.
 */
export function eventsStream(namespace: string): string {
  return `${namespace.toUpperCase()}_EVENTS`;
}

/** The stream of dispatches of events that are on record in MongoDB: `FLOW_DISPATCHES`. */
export function dispatchesStream(namespace: string): string {
  return `${namespace.toUpperCase()}_DISPATCHES`;
}

/** The stream of signals to running activities: `FLOW_SIGNALS`. */
export function signalsStream(namespace: string): string {
  return `${namespace.toUpperCase()}_SIGNALS`;
}

/** The stream of status events, for whoever subscribes: `FLOW_STATUS`. */
export function statusStream(namespace: string): string {
  return `${namespace.toUpperCase()}_STATUS`;
}

/** Where an activity's new status is told: `flow.status.workflow.<workflowId>.<status>`. */
export function statusSubject(namespace: string, workflowId: string, status: string): string {
  return `${namespace}.status.workflow.${workflowId}.${status}`;
}

/** Every status event. */
export function statusWildcard(namespace: string): string {
  return `${namespace}.status.>`;
}

/** Where events for a workflow go that are not on record yet: `flow.event.<workflowId>`. */
export function eventSubject(namespace: string, workflowId: string): string {
  return `${namespace}.event.${workflowId}`;
}

/** The events that are not on record yet, of every workflow. */
export function eventWildcard(namespace: string): string {
  return `${namespace}.event.*`;
}

/** Where dispatches of a workflow's recorded events go: `flow.dispatch.<workflowId>`. */
export function dispatchSubject(namespace: string, workflowId: string): string {
  return `${namespace}.dispatch.${workflowId}`;
}

/** The dispatches of recorded events, of every workflow. */
export function dispatchWildcard(namespace: string): string {
  return `${namespace}.dispatch.*`;
}

/** Where an activity's signals go: `flow.signal.<activityId>`. */
export function signalSubject(namespace: string, activityId: string): string {
  return `${namespace}.signal.${activityId}`;
}

/** The signals of every activity. */
export function signalWildcard(namespace: string): string {
  return `${namespace}.signal.*`;
}

/** Tells the executor that drives an activity, without a stream, to look at its inbox. */
export function activityNoticeSubject(namespace: string, activityId: string): string {
  return `${namespace}.notice.activity.${activityId}`;
}

/** Tells caches, without a stream, that a workflow or a token of it changed. */
export function workflowChangedSubject(namespace: string, workflowId: string): string {
  return `${namespace}.changed.workflow.${workflowId}`;
}
