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

/** The queue of writes is full. Nothing of this item was written. */
export class StoreOverloadedError extends FlowError {
  readonly code = 'STORE_OVERLOADED';
  readonly kind = 'overloaded';

  constructor(operation: string) {
    super(`MongoDB can't keep up (${operation}): the queue of writes is full; try again`, {
      retryAfterSeconds: 1,
    });
  }
}

/** The server answered and is unsuitable, such as one that is no replica set. */
export class StoreUnsupportedError extends FlowError {
  readonly code = 'STORE_UNSUPPORTED';
  readonly kind = 'defect';

  constructor(reason: string) {
    super(`This MongoDB server can't be used: ${reason}`);
  }
}

/** MongoDB took the rest of a batch and refused this item, which trying again will not change. */
export class StoreWriteRefusedError extends FlowError {
  readonly code = 'STORE_WRITE_REFUSED';
  readonly kind = 'defect';

  constructor(
    operation: string,
    readonly mongoCode: number,
  ) {
    super(`MongoDB refused a write (${operation}) with its code ${mongoCode}`);
  }
}

/** A result that an activity refers to is not in the database, such as after a partial restore. */
export class ActivityIncompleteError extends FlowError {
  readonly code = 'ACTIVITY_INCOMPLETE';
  readonly kind = 'defect';

  constructor(
    readonly activityId: string,
    options: FlowErrorOptions = {},
  ) {
    super(
      `A result of the activity "${activityId}" is missing in the collection "results"; restore it together with "activities"`,
      options,
    );
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

  constructor(
    readonly field: 'id' | 'name',
    readonly value: string,
  ) {
    const detail =
      field === 'id'
        ? `A workflow has or had the id "${value}". To replace it, send PUT /api/v2/workflows/${value}; for another ` +
          'workflow, send another "id" (without one, it is the name)'
        : `Another workflow has the name "${value}". To replace that one, send PUT to its id; for another workflow, ` +
          'choose a different name';
    super(detail);
  }
}

export class WorkflowTokensFullError extends FlowError {
  readonly code = 'WORKFLOW_TOKENS_FULL';
  readonly kind = 'conflict';

  constructor(
    readonly workflowId: string,
    tokensMax: number,
  ) {
    super(
      `The workflow "${workflowId}" has ${tokensMax} tokens, the most that it may have; delete one first`,
    );
  }
}

/** The ETag does not match: the workflow was changed since the caller read it, or the ETag is of another workflow. */
export class WorkflowChangedError extends FlowError {
  readonly code = 'WORKFLOW_CHANGED';
  readonly kind = 'precondition-failed';

  constructor(readonly workflowId: string) {
    super(`The workflow "${workflowId}" was changed meanwhile; read it again and send its ETag`);
  }
}

export class TokenNotFoundError extends FlowError {
  readonly code = 'TOKEN_NOT_FOUND';
  readonly kind = 'not-found';

  constructor(workflowId: string, tokenId: string) {
    super(`The workflow "${workflowId}" has no token with the id "${tokenId}"`);
  }
}

export class ActivityNotFoundError extends FlowError {
  readonly code = 'ACTIVITY_NOT_FOUND';
  readonly kind = 'not-found';

  constructor(readonly activityId: string) {
    super(`No activity has the id "${activityId}"`);
  }
}

export class ActivityEndedError extends FlowError {
  readonly code = 'ACTIVITY_ENDED';
  readonly kind = 'conflict';

  constructor(activityId: string) {
    super(`Activity "${activityId}" has ended already`);
  }
}

/** The event, or the state of the run, is larger than its record may be. */
export class ActivityTooLargeError extends FlowError {
  readonly code = 'ACTIVITY_TOO_LARGE';
  readonly kind = 'too-large';

  constructor(
    readonly activityId: string,
    part: 'event' | 'state',
    /** About how many bytes it takes; the record may have `bytesMax`. */
    readonly bytes: number,
    readonly bytesMax: number,
  ) {
    super(
      `The ${part} takes ${bytes} bytes in the record of activity "${activityId}", ` +
        `which holds at most ${bytesMax}; keep large things elsewhere and send a reference`,
    );
  }
}

/** The inbox of the activity is full, because signals come faster than the run takes them. */
export class ActivityInboxFullError extends FlowError {
  readonly code = 'ACTIVITY_INBOX_FULL';
  readonly kind = 'overloaded';

  constructor(
    readonly activityId: string,
    inboxMax: number,
  ) {
    super(`Activity "${activityId}" has ${inboxMax} signals that are not applied yet; try again`, {
      retryAfterSeconds: 5,
    });
  }
}

export class CursorInvalidError extends FlowError {
  readonly code = 'CURSOR_INVALID';
  readonly kind = 'invalid';

  constructor() {
    super('The cursor is not from a page of this list; leave it out to get the first page', {
      problems: [{ path: 'cursor', detail: 'not a cursor of this list' }],
    });
  }
}

/** The workflow has no secret of that id. */
export class SecretNotFoundError extends FlowError {
  readonly code = 'SECRET_NOT_FOUND';
  readonly kind = 'not-found';

  constructor(workflowId: string, secretId: string) {
    super(`The workflow "${workflowId}" has no secret with the id "${secretId}"`);
  }
}

/** The workflow has the most secrets it may have: every signature is checked with each of them. */
export class WorkflowSecretsFullError extends FlowError {
  readonly code = 'WORKFLOW_SECRETS_FULL';
  readonly kind = 'conflict';

  constructor(workflowId: string, secretsMax: number) {
    super(`The workflow "${workflowId}" has ${secretsMax} secrets already; delete one first`);
  }
}

/** The installation, or a workflow, has the most parameters or secrets it may have. */
export class ScopeFullError extends FlowError {
  readonly code = 'SCOPE_FULL';
  readonly kind = 'conflict';

  constructor(most: string) {
    super(`There may be at most ${most}; delete some that are not used`);
  }
}

/** Concurrent changes of the same parameters or secrets came first in every try. */
export class ScopeChangedError extends FlowError {
  readonly code = 'SCOPE_CHANGED';
  readonly kind = 'transient';

  constructor() {
    super('Other requests change these parameters and secrets at the same time; try again');
  }
}

/** The label is taken. Labels are unique, because votes and the audit identify people by them. */
export class ApiTokenExistsError extends FlowError {
  readonly code = 'API_TOKEN_EXISTS';
  readonly kind = 'conflict';

  constructor(label: string) {
    super(`There is a token with the label "${label}"; delete it first, or choose another label`);
  }
}

export class ApiTokensFullError extends FlowError {
  readonly code = 'API_TOKENS_FULL';
  readonly kind = 'conflict';

  constructor(tokensMax: number) {
    super(`There are ${tokensMax} tokens of the API, the most there may be; delete one first`);
  }
}

export class ApiTokenNotFoundError extends FlowError {
  readonly code = 'API_TOKEN_NOT_FOUND';
  readonly kind = 'not-found';

  constructor(tokenId: string) {
    super(`The API has no token with the id "${tokenId}"`);
  }
}
