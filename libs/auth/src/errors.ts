import { FlowError } from '@app/errors';

/** The request has no token. */
export class TokenMissingError extends FlowError {
  readonly code = 'TOKEN_MISSING';
  readonly kind = 'unauthenticated';

  /** @param places where else it may stand */
  constructor(places: 'header' | 'header or query' = 'header or query') {
    const others =
      places === 'header'
        ? ''
        : ', or access_token in the query; webhooks of providers that sign may have their signature instead (docs/providers.md)';
    super(`Send a token: "Authorization: Bearer <token>"${others}`);
  }
}

/**
 * The token is wrong or expired, or the workflow does not exist. The sender is not told which, so that nobody can
 * find out which workflows exist.
 */
export class TokenInvalidError extends FlowError {
  readonly code = 'TOKEN_INVALID';
  readonly kind = 'forbidden';

  constructor() {
    super(
      'The token is not valid for this workflow; check that the workflow exists, and that the token is not expired or deleted',
    );
  }
}

/** More workflows share the token than one event may start. */
export class TokenTooSharedError extends FlowError {
  readonly code = 'TOKEN_TOO_SHARED';
  readonly kind = 'conflict';

  constructor(workflowsMax: number) {
    super(
      `More than ${workflowsMax} workflows have this token; give some of them another, or name the workflow`,
    );
  }
}

/** The workflow exists and the token is right, but its trigger for this kind of event is off. */
export class TriggerOffError extends FlowError {
  readonly code = 'TRIGGER_OFF';
  readonly kind = 'forbidden';

  constructor(workflowId: string, trigger: string) {
    super(
      `The trigger "${trigger}" of the workflow "${workflowId}" is off; switch it on there: ` +
        `"triggers": { "${trigger}": { "enabled": true } }`,
    );
  }
}

/** The workflow exists and the token is right, but the workflow is inactive. */
export class WorkflowInactiveError extends FlowError {
  readonly code = 'WORKFLOW_INACTIVE';
  readonly kind = 'forbidden';

  constructor(workflowId: string) {
    super(`The workflow "${workflowId}" is inactive; activate it first`);
  }
}

/** The workflow exists and the token is right, but the workflow is retired: it never starts again. */
export class WorkflowRetiredError extends FlowError {
  readonly code = 'WORKFLOW_RETIRED';
  readonly kind = 'gone';

  constructor(workflowId: string) {
    super(`The workflow "${workflowId}" is retired; stop sending to it`);
  }
}

/** The API takes the administrator's token and tokens of people. This one is unknown, expired or deleted. */
export class AdminTokenInvalidError extends FlowError {
  readonly code = 'ADMIN_TOKEN_INVALID';
  readonly kind = 'forbidden';

  constructor() {
    super(
      "The token is neither the administrator's nor a person's; it may have expired or been deleted",
    );
  }
}

/** The token is right, but its role or scope does not permit the action. */
export class PermissionDeniedError extends FlowError {
  readonly code = 'PERMISSION_DENIED';
  readonly kind = 'forbidden';

  /** @param action what was asked, such as `workflow:write` */
  constructor(readonly action: string) {
    super(`The token does not permit "${action}" here; use a token whose role and scope do`);
  }
}

/** The signature of an internal request is missing, or was made with another secret than ours. */
export class InternalSignatureInvalidError extends FlowError {
  readonly code = 'INTERNAL_SIGNATURE_INVALID';
  readonly kind = 'forbidden';

  constructor() {
    super(
      'Internal endpoints take requests that are signed with the keys of listeners and executors; ' +
        'give them all the same INTERNAL_SECRET',
    );
  }
}

/**
 * The signature is ours, but its time is too far from now: the request was delayed or replayed, or a clock is wrong.
 */
export class InternalRequestOutOfTimeError extends FlowError {
  readonly code = 'INTERNAL_REQUEST_OUT_OF_TIME';
  readonly kind = 'forbidden';

  constructor(ageMs: number, ageMsMax: number) {
    super(
      `The request was signed ${Math.round(ageMs)} ms ago by the clock of this process, and at most ${ageMsMax} ms ` +
        'are accepted (INTERNAL_MESSAGE_AGE_MS_MAX); synchronize the clocks of all machines with NTP',
    );
  }
}

/** The signature is missing, wrong or expired, or the workflow does not exist. The sender is not told which. */
export class SignatureInvalidError extends FlowError {
  readonly code = 'SIGNATURE_INVALID';
  readonly kind = 'unauthenticated';

  constructor() {
    super(
      'The signature is missing, not valid for this workflow, or too old; ' +
        'check that sender and workflow have the same secret (docs/providers.md)',
    );
  }
}

/** A secret can't be stored, because `SECRETS_KEY` is not set. */
export class SecretsKeyMissingError extends FlowError {
  readonly code = 'SECRETS_KEY_MISSING';
  readonly kind = 'conflict';

  constructor() {
    super('Secrets are stored encrypted; set SECRETS_KEY for listeners and executors first');
  }
}

/** A stored secret can't be decrypted with the keys of this process. */
export class SecretUnreadableError extends FlowError {
  readonly code = 'SECRET_UNREADABLE';
  readonly kind = 'transient';

  constructor(secretId: string, options?: ErrorOptions) {
    super(
      `The secret "${secretId}" can't be decrypted; give listeners and executors the SECRETS_KEY ` +
        '(or SECRETS_KEY_PREVIOUS) that it was stored with, or make a new secret',
      { ...options, retryAfterSeconds: 60 },
    );
  }
}

/** The stored secrets were encrypted with another `SECRETS_KEY` than this process has. */
export class SecretsKeyWrongError extends FlowError {
  readonly code = 'SECRETS_KEY_WRONG';
  readonly kind = 'defect';

  constructor(key: 'missing' | 'another') {
    const what =
      key === 'missing'
        ? 'SECRETS_KEY is not set here, and other processes have one; start with that one. If no secret is stored, or the key is lost,'
        : 'SECRETS_KEY is not the one that the stored secrets were encrypted with; start with that one, or give it ' +
          'as SECRETS_KEY_PREVIOUS. If it is lost,';
    super(
      `${what} delete the document "secrets-key" of the collection "meta" and store every secret anew ` +
        '(docs/secrets.md)',
    );
  }
}
