import { type TriggerKind } from '@app/events';
import {
  type RefusalStore,
  StoreUnavailableError,
  type Workflow,
  type WorkflowDirectory,
  WorkflowNotFoundError,
} from '@app/persistence';
import {
  TokenInvalidError,
  TokenMissingError,
  TriggerOffError,
  WorkflowInactiveError,
} from './errors.js';
import { isTokenOf } from './tokens/workflow-token.js';

/** What is known of a request when it is judged; goes on record if it is refused. */
export interface RequestFacts {
  readonly trigger: TriggerKind;
  readonly eventId?: string | undefined;
  readonly source?: string | undefined;
  readonly remoteAddress?: string | undefined;
}

type Refusal = TokenMissingError | TokenInvalidError | TriggerOffError | WorkflowInactiveError;

/**
 * Who may start a workflow. What is refused goes on record as a failed activity of the workflow, if
 * there is one (design section 4.2).
 */
export class WorkflowAccess {
  /** @param authEnabled false grants every request that names a workflow; only fit for a trial */
  constructor(
    private readonly workflows: WorkflowDirectory,
    private readonly refusals: RefusalStore,
    private readonly clock: () => number,
    private readonly authEnabled: boolean,
  ) {}

  /**
   * The workflow, if the token is one of its. Whoever has a wrong token can't tell whether there is
   * such a workflow: neither from the error nor from how long it takes.
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
    if (token === undefined) throw await this.#tokenMissing(workflowId, facts);
    const known = await this.workflows.find(workflowId);
    const knows = isTokenOf(known, token, this.clock());
    if (known && knows) return known;
    // The token may be newer than what was known of the workflow.
    const workflow = await this.workflows.findNow(workflowId);
    const granted = isTokenOf(workflow, token, this.clock());
    if (workflow && granted) return workflow;
    const refusal = new TokenInvalidError();
    throw workflow ? this.#onRecord(workflow, refusal, facts) : refusal;
  }

  /**
   * The workflow may be started in this way.
   * @throws WorkflowInactiveError, TriggerOffError
   */
  requireTrigger(workflow: Workflow, facts: RequestFacts): void {
    const { trigger } = facts;
    if (workflow.status !== 'active') {
      throw this.#onRecord(workflow, new WorkflowInactiveError(), facts);
    }
    const enabled = workflow.triggers[trigger]?.enabled ?? trigger === 'manual';
    if (!enabled) throw this.#onRecord(workflow, new TriggerOffError(trigger), facts);
  }

  /**
   * For a request that names no workflow yet: lets nobody in, only turns away early.
   * @throws TokenMissingError
   */
  requireToken(token: string | undefined): void {
    if (this.authEnabled && token === undefined) throw new TokenMissingError();
  }

  async #existing(workflowId: string): Promise<Workflow> {
    const workflow = await this.workflows.find(workflowId);
    if (!workflow) throw new WorkflowNotFoundError(workflowId);
    return workflow;
  }

  /** On record if it can be; to be told that a token is missing, nobody needs the store. */
  async #tokenMissing(workflowId: string, facts: RequestFacts): Promise<TokenMissingError> {
    const refusal = new TokenMissingError();
    try {
      const workflow = await this.workflows.find(workflowId);
      if (workflow) this.#onRecord(workflow, refusal, facts);
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
    }
    return refusal;
  }

  #onRecord(workflow: Workflow, refusal: Refusal, facts: RequestFacts): Refusal {
    const { code, message } = refusal;
    const { trigger, eventId, source, remoteAddress } = facts;
    this.refusals.add({
      workflowId: workflow.id,
      trigger,
      code,
      message,
      at: this.clock(),
      ...(eventId !== undefined && { eventId }),
      ...(source !== undefined && { source }),
      ...(remoteAddress !== undefined && { remoteAddress }),
    });
    return refusal;
  }
}
