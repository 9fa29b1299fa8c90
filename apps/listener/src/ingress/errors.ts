import { FlowError } from '@app/errors';

/** The request does not say which workflow it is for. */
export class WorkflowNotNamedError extends FlowError {
  readonly code = 'WORKFLOW_NOT_NAMED';
  readonly kind = 'invalid';

  constructor() {
    super('Name the workflow in the query: ?ref=<workflow id> (or, as before, ?workflowId=)');
  }
}

/** A webhook of a provider that this release has no form for. */
export class WebhookTypeUnsupportedError extends FlowError {
  readonly code = 'WEBHOOK_TYPE_UNSUPPORTED';
  readonly kind = 'invalid';

  constructor() {
    super('This webhook type is not supported; docs/providers.md lists those that are');
  }
}

/** A parameter of the query is there more than once, or is not what it should be. */
export class QueryInvalidError extends FlowError {
  readonly code = 'QUERY_INVALID';
  readonly kind = 'invalid';

  constructor(name: string, detail: string) {
    super('The query is not valid; see the list of problems', {
      problems: [{ path: name, detail }],
    });
  }
}

/** As much waits to be executed as may; nothing is accepted until executors have caught up. */
export class BacklogFullError extends FlowError {
  readonly code = 'BACKLOG_FULL';
  readonly kind = 'rate-limited';

  constructor() {
    super('As many activities as may wait are waiting to be executed; send it again later', {
      retryAfterSeconds: 5,
    });
  }
}

/** `POST /api/v2/events` starts several workflows with one event. */
export class BatchForOneError extends FlowError {
  readonly code = 'BATCH_FOR_ONE';
  readonly kind = 'unsupported-media-type';

  constructor() {
    super(
      'Send one event at a time here; batches go to /api/v2/event, their events naming the workflow',
    );
  }
}
