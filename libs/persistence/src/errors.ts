import { FlowError, type FlowErrorOptions } from '@app/errors';

/** MongoDB did not answer in time. Whether a write happened is unknown. */
export class StoreUnavailableError extends FlowError {
  readonly code = 'STORE_UNAVAILABLE';
  readonly kind = 'transient';

  constructor(operation: string, options: FlowErrorOptions = {}) {
    super(`MongoDB is not available (${operation}); try again`, {
      retryAfterSeconds: 5,
      ...options,
    });
  }
}

export class WorkflowNotFoundError extends FlowError {
  readonly code = 'WORKFLOW_NOT_FOUND';
  readonly kind = 'not-found';

  constructor(readonly workflowId: string) {
    super(`No workflow has the id "${workflowId}"`);
  }
}

export class WorkflowExistsError extends FlowError {
  readonly code = 'WORKFLOW_EXISTS';
  readonly kind = 'conflict';

  constructor(readonly field: 'id' | 'name') {
    super(`Another workflow has the same ${field}; choose a different one`);
  }
}

export class ActivityNotFoundError extends FlowError {
  readonly code = 'ACTIVITY_NOT_FOUND';
  readonly kind = 'not-found';

  constructor(readonly activityId: string) {
    super(`No activity has the id "${activityId}"`);
  }
}
