import { type TriggerKind } from '@app/events';
import {
  type RejectedRequest,
  type RejectedRequestStore,
  TOKEN_WORKFLOWS_MAX,
  type Workflow,
  type WorkflowCache,
  WorkflowNotFoundError,
} from '@app/persistence';
import {
  SignatureInvalidError,
  TokenInvalidError,
  TokenMissingError,
  TokenTooSharedError,
  TriggerOffError,
  WorkflowInactiveError,
  WorkflowRetiredError,
} from './errors.js';
import { may } from './principals/principal.js';
import { hashOf } from './tokens/secret-text.js';
import { isTokenOf } from './tokens/workflow-token.js';
import { UnverifiedRejections } from './unverified-rejections.js';

/** The facts of a request that go on record if it is rejected. */
export interface RequestFacts {
  readonly trigger: TriggerKind;
  readonly eventId?: string | undefined;
  readonly source?: string | undefined;
  readonly remoteAddress?: string | undefined;
}

type Rejection =
  | SignatureInvalidError
  | TokenMissingError
  | TokenInvalidError
  | TriggerOffError
  | WorkflowInactiveError
  | WorkflowRetiredError;

/**
 * Decides who may start a workflow. Rejected requests go on record as failed activities of the workflow, if it exists
 * (docs/design.md#rejected-requests).
 */
export class WorkflowAccess {
  /** Of the workflows that have a token, those on which it has not expired. */
  readonly #living = new WeakMap<readonly Workflow[], readonly Workflow[]>();
  readonly #unverified: UnverifiedRejections;

  /** @param authEnabled false grants every request that names a workflow; only fit for a trial */
  constructor(
    private readonly workflows: WorkflowCache,
    private readonly rejectedRequests: Pick<RejectedRequestStore, 'add'>,
    private readonly clock: () => number,
    private readonly authEnabled: boolean,
  ) {
    this.#unverified = new UnverifiedRejections(workflows, rejectedRequests);
  }

  /**
   * The workflow, if the token is one of its tokens. The sender of a wrong token can't find out whether the workflow
   * exists, neither by the answer nor by its time: whatever the cache has, the store is asked for the token and
   * nothing else, and while the store is unavailable every such request gets the same 503. The record of a rejected
   * request is written later (`UnverifiedRejections`).
   * @throws TokenMissingError, TokenInvalidError
   * @throws StoreUnavailableError when the store can't be asked
   * @throws WorkflowNotFoundError when authorization is off and the workflow does not exist
   */
  async authorize(
    workflowId: string,
    token: string | undefined,
    facts: RequestFacts,
  ): Promise<Workflow> {
    if (!this.authEnabled) return this.#existing(workflowId);
    if (token === undefined) throw this.#refusedUnknown(workflowId, new TokenMissingError(), facts);
    const hash = hashOf(token);
    if (isTokenOf(this.workflows.peek(workflowId), hash, this.clock())) {
      const workflow = await this.workflows.find(workflowId);
      if (workflow && isTokenOf(workflow, hash, this.clock()) && isSender(workflow))
        return workflow;
    }
    // The token is unknown, or newer than the cached workflow.
    const owner = await this.workflows.findByToken(hash);
    if (owner?.id === workflowId && isTokenOf(owner, hash, this.clock()) && isSender(owner))
      return owner;
    // Several workflows may share one token; a token of none needs no further look-up.
    const other = owner && (await this.workflows.recent(workflowId));
    if (other && isTokenOf(other, hash, this.clock()) && isSender(other)) return other;
    throw this.#refusedUnknown(workflowId, new TokenInvalidError(), facts);
  }

  /**
   * All workflows that the token may start, for an event that names none. The list is the same object until a
   * workflow changes; workflows on which the token has expired are not in it.
   * @throws TokenMissingError, TokenInvalidError, TokenTooSharedError
   * @throws StoreUnavailableError when the store can't be asked
   */
  async authorizeAll(token: string | undefined): Promise<readonly Workflow[]> {
    if (token === undefined) throw new TokenMissingError();
    const hash = hashOf(token);
    const having = await this.workflows.findAllByToken(hash);
    if (having.length > TOKEN_WORKFLOWS_MAX) throw new TokenTooSharedError(TOKEN_WORKFLOWS_MAX);
    const ended = having.filter((one) => !isTokenOf(one, hash, this.clock()) || !isSender(one));
    if (ended.length === having.length) throw new TokenInvalidError();
    return ended.length === 0 ? having : this.#without(ended, having);
  }

  /**
   * All workflows that have the token, for a request that names none; undefined when authorization is off.
   * @throws TokenMissingError, TokenInvalidError, TokenTooSharedError
   * @throws StoreUnavailableError when the store can't be asked
   */
  async ownersOf(token: string | undefined): Promise<readonly Workflow[] | undefined> {
    return this.authEnabled ? this.authorizeAll(token) : undefined;
  }

  /**
   * The workflow, if the request is signed with one of its secrets. A wrong signature and an unknown workflow get the
   * same answer, as in `authorize`.
   * @param isSigned is also called with `undefined`, and then does the same amount of work
   * @throws SignatureInvalidError
   * @throws StoreUnavailableError when the store can't be asked
   * @throws WorkflowNotFoundError when authorization is off and the workflow does not exist
   */
  async authorizeSigned(
    workflowId: string,
    isSigned: (workflow: Workflow | undefined) => boolean,
    facts: RequestFacts,
  ): Promise<Workflow> {
    if (!this.authEnabled) return this.#existing(workflowId);
    const known = this.workflows.peek(workflowId);
    if (isSigned(known) && known) {
      const found = await this.workflows.find(workflowId);
      if (found && (found === known || isSigned(found)) && isSender(found)) return found;
    }
    // The signature is wrong, or made with a secret that is newer than the cached workflow.
    const recent = await this.workflows.recent(workflowId);
    if (isSigned(recent) && recent && isSender(recent)) return recent;
    throw this.#refusedUnknown(workflowId, new SignatureInvalidError(), facts);
  }

  /** Rejects a request whose token was right and whose signature was not. @throws SignatureInvalidError */
  requireSigned(workflow: Workflow, isSigned: boolean, facts: RequestFacts): void {
    if (this.authEnabled && !isSigned)
      throw this.#refused(workflow, new SignatureInvalidError(), facts);
  }

  /**
   * Checks that the trigger of this kind may start the workflow.
   * @throws WorkflowInactiveError, WorkflowRetiredError, TriggerOffError
   */
  requireTrigger(workflow: Workflow, facts: RequestFacts): void {
    const { trigger } = facts;
    if (workflow.status === 'retired') {
      throw this.#refused(workflow, new WorkflowRetiredError(workflow.id), facts);
    }
    if (workflow.status !== 'active') {
      throw this.#refused(workflow, new WorkflowInactiveError(workflow.id), facts);
    }
    const enabled = workflow.triggers[trigger]?.enabled ?? trigger === 'manual';
    if (!enabled) throw this.#refused(workflow, new TriggerOffError(workflow.id, trigger), facts);
  }

  /**
   * Early rejection of a request without a token, before its workflow is known. Passing it authorizes nothing.
   * @throws TokenMissingError
   */
  requireToken(token: string | undefined): void {
    if (this.authEnabled && token === undefined) throw new TokenMissingError();
  }

  /**
   * Early rejection of a request whose token belongs to no workflow, before its workflow is known and more work is
   * done for it. Passing it authorizes nothing, and nothing goes on record.
   * @throws TokenMissingError, TokenInvalidError
   * @throws StoreUnavailableError when the store can't be asked
   */
  async requireKnownToken(token: string | undefined): Promise<void> {
    this.requireToken(token);
    if (!this.authEnabled || token === undefined) return;
    const hash = hashOf(token);
    const owner = await this.workflows.findByToken(hash);
    if (!isTokenOf(owner, hash, this.clock())) throw new TokenInvalidError();
  }

  /** Called by Nest at the end: hands the waiting rejected requests to their store. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.#unverified.settle();
  }

  /** An expired token stays expired: while the same number has, the list is the same. */
  #without(ended: readonly Workflow[], having: readonly Workflow[]): readonly Workflow[] {
    const known = this.#living.get(having);
    if (known && known.length === having.length - ended.length) return known;
    const gone = new Set(ended);
    const living = having.filter((one) => !gone.has(one));
    this.#living.set(having, living);
    return living;
  }

  async #existing(workflowId: string): Promise<Workflow> {
    const workflow = await this.workflows.find(workflowId);
    if (!workflow) throw new WorkflowNotFoundError(workflowId);
    return workflow;
  }

  /** As `#refused`, for a workflow that may not exist: the rejected request goes on record only if it does. */
  #refusedUnknown(workflowId: string, rejection: Rejection, facts: RequestFacts): Rejection {
    this.#unverified.add(toRequest(workflowId, rejection, facts, this.clock()));
    return rejection;
  }

  #refused(workflow: Workflow, rejection: Rejection, facts: RequestFacts): Rejection {
    this.rejectedRequests.add(toRequest(workflow.id, rejection, facts, this.clock()));
    return rejection;
  }
}

function toRequest(
  workflowId: string,
  { code, message }: Rejection,
  { trigger, eventId, source, remoteAddress }: RequestFacts,
  at: number,
): RejectedRequest {
  return {
    workflowId,
    trigger,
    code,
    message,
    at,
    ...(eventId !== undefined && { eventId }),
    ...(source !== undefined && { source }),
    ...(remoteAddress !== undefined && { remoteAddress }),
  };
}

/**
 * The principal of a sender: whoever has a token of the workflow, or signs with one of its secrets. `may` says what
 * it permits.
 */
function isSender(workflow: Workflow): boolean {
  const scope = { kind: 'workflows', ids: [workflow.id] } as const;
  return may({ role: 'sender', scope }, 'workflow:start', workflow);
}
