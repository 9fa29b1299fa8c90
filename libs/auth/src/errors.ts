import { FlowError } from '@app/errors';

/** There is no token in the request. */
export class TokenMissingError extends FlowError {
  readonly code = 'TOKEN_MISSING';
  readonly kind = 'unauthenticated';

  /** @param places where else it may stand */
  constructor(places: 'header' | 'header or query' = 'header or query') {
    const query = places === 'header' ? '' : ', or access_token in the query';
    super(`Send a token: "Authorization: Bearer <token>"${query}`);
  }
}

/**
 * The token is wrong or has expired, or there is no such workflow: which of them, the sender is not
 * told, so that nobody can find out which workflows exist.
 */
export class TokenInvalidError extends FlowError {
  readonly code = 'TOKEN_INVALID';
  readonly kind = 'forbidden';

  constructor() {
    super('The token is not valid for this workflow');
  }
}

/** More workflows have the token than one event may start. */
export class TokenTooSharedError extends FlowError {
  readonly code = 'TOKEN_TOO_SHARED';
  readonly kind = 'conflict';

  constructor(workflowsMax: number) {
    super(
      `More than ${workflowsMax} workflows have this token; give some of them another, or name the workflow`,
    );
  }
}

/** The workflow exists and the token is right, but this kind of event may not start it now. */
export class TriggerOffError extends FlowError {
  readonly code = 'TRIGGER_OFF';
  readonly kind = 'forbidden';

  constructor(trigger: string) {
    super(`The trigger "${trigger}" of the workflow is off; switch it on in the workflow`);
  }
}

/** The workflow exists and the token is right, but nothing may start it now. */
export class WorkflowInactiveError extends FlowError {
  readonly code = 'WORKFLOW_INACTIVE';
  readonly kind = 'forbidden';

  constructor() {
    super('The workflow is inactive; activate it first');
  }
}

/** The workflow exists and the token is right, and nothing will start it any more. */
export class WorkflowRetiredError extends FlowError {
  readonly code = 'WORKFLOW_RETIRED';
  readonly kind = 'gone';

  constructor() {
    super('The workflow is retired; stop sending to it');
  }
}

/** The API takes the administrator's token and those of people, until they expire or are deleted. */
export class AdminTokenInvalidError extends FlowError {
  readonly code = 'ADMIN_TOKEN_INVALID';
  readonly kind = 'forbidden';

  constructor() {
    super("The token is not the administrator's, and no person's that is valid (any more)");
  }
}

/** The token is right, and its role or its scope does not reach so far. */
export class PermissionDeniedError extends FlowError {
  readonly code = 'PERMISSION_DENIED';
  readonly kind = 'forbidden';

  /** @param action what was asked, such as `workflow:write` */
  constructor(readonly action: string) {
    super(`The token does not permit "${action}" here; use one whose role and scope do`);
  }
}

/** The signature of an internal request is missing, or not by the keys of the secret that we have. */
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

/** The signature is ours and from another time: the request was held back, or a clock is off. */
export class InternalRequestOutOfTimeError extends FlowError {
  readonly code = 'INTERNAL_REQUEST_OUT_OF_TIME';
  readonly kind = 'forbidden';

  constructor(ageMs: number, ageMsMax: number) {
    super(
      `The request was signed ${Math.round(ageMs)} ms ago by our clock, and may be ${ageMsMax} ms old; ` +
        'let NTP keep the clocks of all machines',
    );
  }
}

/** The signature is missing, wrong or out of time, or there is no such workflow: which, is not told. */
export class SignatureInvalidError extends FlowError {
  readonly code = 'SIGNATURE_INVALID';
  readonly kind = 'unauthenticated';

  constructor() {
    super(
      'The signature is not valid for this workflow, or too old; ' +
        'see that sender and workflow have the same secret (docs/providers.md)',
    );
  }
}

/** A secret can't be stored, because there is nothing to encrypt it with. */
export class SecretsKeyMissingError extends FlowError {
  readonly code = 'SECRETS_KEY_MISSING';
  readonly kind = 'conflict';

  constructor() {
    super('Secrets are stored encrypted; set SECRETS_KEY for listeners and executors first');
  }
}

/** A stored secret does not open with the keys that this process has. */
export class SecretUnreadableError extends FlowError {
  readonly code = 'SECRET_UNREADABLE';
  readonly kind = 'transient';

  constructor(secretId: string, options?: ErrorOptions) {
    super(
      `The secret "${secretId}" can not be decrypted; give listeners and executors the SECRETS_KEY ` +
        '(or SECRETS_KEY_PREVIOUS) that it was stored with, or make a new secret',
      { ...options, retryAfterSeconds: 60 },
    );
  }
}

/** What is stored was encrypted with another key than this process has, if it has one. */
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
