/*
 * Every subject and stream name there is (docs/design.md#nats). All begin with the namespace, so that
 * several installations, or tests, can share one server.
 */

/**
 * The stream of events that may be stored nowhere else: `FLOW_EVENTS`. A message is on disk before it
 * is acknowledged, as far as the server's settings go.
 */
export function eventsStream(namespace: string): string {
  return `${namespace.toUpperCase()}_EVENTS`;
}

/** The stream of dispatches of events that are on record in MongoDB: `FLOW_DISPATCHES`. */
export function dispatchesStream(namespace: string): string {
  return `${namespace.toUpperCase()}_DISPATCHES`;
}

/** The stream of dispatches of recorded events, many in a message: `FLOW_BATCHES`. */
export function batchesStream(namespace: string): string {
  return `${namespace.toUpperCase()}_BATCHES`;
}

/** The stream of signals to running activities: `FLOW_SIGNALS`. */
export function signalsStream(namespace: string): string {
  return `${namespace.toUpperCase()}_SIGNALS`;
}

/** The stream of status events, for subscribers: `FLOW_STATUS`. */
export function statusStream(namespace: string): string {
  return `${namespace.toUpperCase()}_STATUS`;
}

/** The subject of a status event: `flow.status.workflow.<workflowId>.<status>`, or `flow.status.task.…`. */
export function statusSubject(
  namespace: string,
  of: 'workflow' | 'task',
  workflowId: string,
  status: string,
): string {
  return `${namespace}.status.${of}.${workflowId}.${status}`;
}

/** Every status event. */
export function statusWildcard(namespace: string): string {
  return `${namespace}.status.>`;
}

/** The stream of tasks that wait for workers: `FLOW_TASKS`. */
export function tasksStream(namespace: string): string {
  return `${namespace.toUpperCase()}_TASKS`;
}

/** The stream of what workers answer: `FLOW_ANSWERS`. */
export function answersStream(namespace: string): string {
  return `${namespace.toUpperCase()}_ANSWERS`;
}

/**
 * The subject of one attempt of a task: `flow.task.<queue>.<group>.<key>`. No other attempt has it.
 *
 * @param queue with the group behind a dot; so everywhere here
 */
export function taskSubject(namespace: string, queue: string, key: string): string {
  return `${namespace}.task.${queue}.${key}`;
}

/** The tasks of one queue. */
export function queueWildcard(namespace: string, queue: string): string {
  return `${namespace}.task.${queue}.*`;
}

/** The tasks of every queue. */
export function taskWildcard(namespace: string): string {
  return `${namespace}.task.*.*.*`;
}

/** The queue of a task, with its group behind a dot. */
export function queueOfTask(subject: string): string {
  return subject.split('.').slice(-3, -1).join('.');
}

/** The subjects of JetStream's advisories that a task was delivered as often as allowed without an acknowledgement. */
export function exhaustedWildcard(namespace: string): string {
  return `$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.${tasksStream(namespace)}.*`;
}

/** The durable consumer that the workers of a queue share. */
export function workerConsumer(queue: string): string {
  return queue.replace('.', '_');
}

/** Where workers of a queue answer: `flow.answer.<queue>.<group>`. */
export function answerSubject(namespace: string, queue: string): string {
  return `${namespace}.answer.${queue}`;
}

/** The answers of every queue. */
export function answerWildcard(namespace: string): string {
  return `${namespace}.answer.*.*`;
}

/** Where workers of a queue are told, over core NATS, that a task is cancelled. */
export function taskCancelSubject(namespace: string, queue: string): string {
  return `${namespace}.cancel.${queue}`;
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

/** Where dispatches of recorded events go many in a message: `flow.batch`. */
export function batchSubject(namespace: string): string {
  return `${namespace}.batch`;
}

/** Where an activity's signals go: `flow.signal.<activityId>`. */
export function signalSubject(namespace: string, activityId: string): string {
  return `${namespace}.signal.${activityId}`;
}

/** The signals of every activity. */
export function signalWildcard(namespace: string): string {
  return `${namespace}.signal.*`;
}

/** Where the executor that drives an activity is told, over core NATS, to read its inbox. */
export function activityNoticeSubject(namespace: string, activityId: string): string {
  return `${namespace}.notice.activity.${activityId}`;
}

/** Where caches are told, over core NATS, that a workflow or a token of it changed. */
export function workflowChangedSubject(namespace: string, workflowId: string): string {
  return `${namespace}.changed.workflow.${workflowId}`;
}
