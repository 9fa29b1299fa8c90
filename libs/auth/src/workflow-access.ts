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

/** What is known of a request when it is judged; goes on record if it is refused. */
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
 * Who may start a workflow. What is refused goes on record as a failed activity of the workflow, if
 * there is one (docs/design.md#rejected-requests).
 */
export class WorkflowAccess {
  /** Of a list of workflows that have a token, those for which it has not ended. */
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
   * The workflow, if the token is one of its. Whoever has a wrong token can't tell whether there is
   * such a workflow, neither from the answer nor from how long it takes: whatever the cache has, the
   * store is asked for the token and for nothing else, and if it can't be asked, nobody is told
   * anything. What is put on record is put there later (`UnverifiedRejections`).
   * @throws TokenMissingError, TokenInvalidError
   * @throws StoreUnavailableError when nobody can tell
   * @throws WorkflowNotFoundError when authorization is off and there is no such workflow
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
    // Nobody's token, or newer than what is known of the workflow.
    const owner = await this.workflows.findByToken(hash);
    if (owner?.id === workflowId && isTokenOf(owner, hash, this.clock()) && isSender(owner))
      return owner;
    // One token may be that of several workflows; whoever has none is not asked for further.
    const other = owner && (await this.workflows.recent(workflowId));
    if (other && isTokenOf(other, hash, this.clock()) && isSender(other)) return other;
    throw this.#refusedUnknown(workflowId, new TokenInvalidError(), facts);
  }

  /**
   * All workflows that the token may start, for an event that names none. The list is the same object until a
   * workflow changes; tokens that have ended are not in it.
   * @throws TokenMissingError, TokenInvalidError, TokenTooSharedError
   * @throws StoreUnavailableError when nobody can tell
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
   * @throws StoreUnavailableError when nobody can tell
   */
  async ownersOf(token: string | undefined): Promise<readonly Workflow[] | undefined> {
    return this.authEnabled ? this.authorizeAll(token) : undefined;
  }

  /**
   * The workflow, if what came is signed with a secret of it. To whoever signs wrongly, an unknown
   * workflow is the same, as in `authorize`.
   * @param isSigned is asked of `undefined` as well, and then does as much work for nothing
   * @throws SignatureInvalidError
   * @throws StoreUnavailableError when nobody can tell
   * @throws WorkflowNotFoundError when authorization is off and there is no such workflow
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
    // Signed wrongly, or with a secret that is newer than what is known of the workflow.
    const recent = await this.workflows.recent(workflowId);
    if (isSigned(recent) && recent && isSender(recent)) return recent;
    throw this.#refusedUnknown(workflowId, new SignatureInvalidError(), facts);
  }

  /**
   * A request whose token was right, and which had to be signed as well.
   * @throws SignatureInvalidError
   */
  requireSigned(workflow: Workflow, isSigned: boolean, facts: RequestFacts): void {
    if (this.authEnabled && !isSigned)
      throw this.#refused(workflow, new SignatureInvalidError(), facts);
  }

  /**
   * The workflow may be started in this way.
   * @throws WorkflowInactiveError, WorkflowRetiredError, TriggerOffError
   */
  requireTrigger(workflow: Workflow, facts: RequestFacts): void {
    const { trigger } = facts;
    if (workflow.status === 'retired') {
      throw this.#refused(workflow, new WorkflowRetiredError(), facts);
    }
    if (workflow.status !== 'active') {
      throw this.#refused(workflow, new WorkflowInactiveError(), facts);
    }
    const enabled = workflow.triggers[trigger]?.enabled ?? trigger === 'manual';
    if (!enabled) throw this.#refused(workflow, new TriggerOffError(trigger), facts);
  }

  /**
   * For a request that names no workflow yet: lets nobody in, only turns away early.
   * @throws TokenMissingError
   */
  requireToken(token: string | undefined): void {
    if (this.authEnabled && token === undefined) throw new TokenMissingError();
  }

  /**
   * For a request that is not worth more work before its sender is known, and names no workflow yet:
   * lets nobody in, only turns away who has no workflow's token. Nothing goes on record.
   * @throws TokenMissingError, TokenInvalidError
   * @throws StoreUnavailableError when nobody can tell
   */
  async requireKnownToken(token: string | undefined): Promise<void> {
    this.requireToken(token);
    if (!this.authEnabled || token === undefined) return;
    const hash = hashOf(token);
    const owner = await this.workflows.findByToken(hash);
    if (!isTokenOf(owner, hash, this.clock())) throw new TokenInvalidError();
  }

  /** Nest calls it at the end: rejected requests that wait are handed on to their store. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.#unverified.settle();
  }

  /** What has ended stays so: while as many have, the list is the same. */
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

  /** As `#refused`, for a workflow that may not be there: only if it is, the rejected request goes on record. */
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

/** Whoever has a token of a workflow, or signs with a secret of it, is a sender of it; `may` says what one may. */
function isSender(workflow: Workflow): boolean {
  const scope = { kind: 'workflows', ids: [workflow.id] } as const;
  return may({ role: 'sender', scope }, 'workflow:start', workflow);
}
