import { type RequestFacts, type WorkflowAccess } from '@app/auth';
import { type TriggerKind } from '@app/events';
import { type Workflow } from '@app/persistence';
import { type FastifyRequest } from 'fastify';
import { QueryInvalidError } from './errors.js';
import { tokenInHead, workflowInUrl } from './request-query.js';

/** The unchecked id and source of an event, for the record of a rejected request. */
export type EventClaims = Pick<RequestFacts, 'eventId' | 'source'>;

/**
 * The credentials in the head of a request: the token, and the workflow if the URL names it. All of this is checked
 * before the body is read (docs/design.md#order-of-checks).
 */
export class RequestCredentials {
  private constructor(
    private readonly access: WorkflowAccess,
    private readonly token: string | undefined,
    private readonly facts: RequestFacts,
    private readonly workflowId: string | undefined,
  ) {}

  /**
   * @param tokenInForm the token of a form, used if the head has none
   * @throws TokenMissingError, which is recorded if the URL names a workflow; QueryInvalidError
   */
  static async of(
    request: FastifyRequest,
    trigger: TriggerKind,
    access: WorkflowAccess,
    tokenInForm?: string,
  ): Promise<RequestCredentials> {
    const token = tokenInHead(request) ?? tokenInForm;
    const facts = { trigger, remoteAddress: request.ip };
    const workflowId = workflowInUrl(request);
    const credentials = new RequestCredentials(access, token, facts, workflowId);
    if (token === undefined) {
      if (workflowId !== undefined) await credentials.workflow(workflowId);
      access.requireToken(token);
    }
    return credentials;
  }

  /**
   * The workflow that the URL names, if the token is valid for it; undefined if the URL names none.
   * @throws TokenInvalidError, StoreUnavailableError
   */
  async workflowInUrl(): Promise<Workflow | undefined> {
    return this.workflowId === undefined ? undefined : this.workflow(this.workflowId);
  }

  /** The same for a workflow that the request names elsewhere. */
  workflow(workflowId: string, event: EventClaims = {}): Promise<Workflow> {
    return this.access.authorize(workflowId, this.token, this.#factsWith(event));
  }

  /**
   * All workflows that the token may start.
   * @throws QueryInvalidError if the URL names one, TokenInvalidError, TokenTooSharedError
   */
  workflows(): Promise<readonly Workflow[]> {
    if (this.workflowId !== undefined)
      throw new QueryInvalidError('ref', 'must be left out: the token selects the workflows');
    return this.access.authorizeAll(this.token);
  }

  /** @throws TokenInvalidError if no workflow has the token, StoreUnavailableError */
  requireKnownToken(): Promise<void> {
    return this.access.requireKnownToken(this.token);
  }

  /** @throws WorkflowInactiveError, TriggerOffError */
  requireTrigger(workflow: Workflow, event: EventClaims): void {
    this.access.requireTrigger(workflow, this.#factsWith(event));
  }

  #factsWith({ eventId, source }: EventClaims): RequestFacts {
    const { trigger, remoteAddress } = this.facts;
    return { trigger, remoteAddress, eventId, source };
  }
}
