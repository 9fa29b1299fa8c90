import { FlowError } from '@app/errors';

/** The request does not say which workflow it is for. */
export class WorkflowNotNamedError extends FlowError {
  readonly code = 'WORKFLOW_NOT_NAMED';
  readonly kind = 'invalid';

  constructor() {
    super(
      'Name the workflow in the query: ?ref=<workflow id> (or ?workflowId=, as in Boomerang Flow v3)',
    );
  }
}

/** The request names a provider of webhooks that this release does not support. */
export class WebhookTypeUnsupportedError extends FlowError {
  readonly code = 'WEBHOOK_TYPE_UNSUPPORTED';
  readonly kind = 'invalid';

  constructor() {
    super('This webhook type is not supported; docs/providers.md lists those that are');
  }
}

/** A parameter of the query is repeated or invalid. */
export class QueryInvalidError extends FlowError {
  readonly code = 'QUERY_INVALID';
  readonly kind = 'invalid';

  constructor(name: string, detail: string) {
    super('The query is not valid; see the list of problems', {
      problems: [{ path: name, detail }],
    });
  }
}

/** `BACKLOG_MAX` activities wait to be executed; nothing is accepted until executors have caught up. */
export class BacklogFullError extends FlowError {
  readonly code = 'BACKLOG_FULL';
  readonly kind = 'rate-limited';

  constructor() {
    super('The limit of activities that wait to be executed is reached; send it again later', {
      retryAfterSeconds: 5,
    });
  }
}

/** A batch was sent to `POST /api/v2/events`, which takes one event for several workflows. */
export class BatchForOneError extends FlowError {
  readonly code = 'BATCH_FOR_ONE';
  readonly kind = 'unsupported-media-type';

  constructor() {
    super(
      'Send one event at a time here; send batches to /api/v2/event, with the workflow in each subject',
    );
  }
}
