import { workflowChangedSubject } from '../topology/names.js';
import { NatsBroadcast, type SignedNoticeOptions } from '../link/nats-broadcast.js';
import { type NatsLink } from '../link/nats-link.js';

/**
 * Tells every process that a workflow, or a token of it, changed, so that caches forget it at once.
 * A notice may get lost: it saves waiting for a cache's age limit, it doesn't replace that limit.
 */
export abstract class WorkflowChanges {
  abstract publish(workflowId: string): void;

  /** Calls back with the id of each workflow that changes; returns what ends that. */
  abstract subscribe(onChanged: (workflowId: string) => void): () => void;
}

/** Without NATS nobody is told; caches go by their age limit. */
export class NoWorkflowChanges extends WorkflowChanges {
  override publish(): void {
    // Nobody listens.
  }

  override subscribe(): () => void {
    return () => undefined;
  }
}

export class NatsWorkflowChanges extends WorkflowChanges {
  readonly #broadcast: NatsBroadcast;

  constructor(link: NatsLink, options: SignedNoticeOptions) {
    super();
    this.#broadcast = new NatsBroadcast(link, workflowChangedSubject, options);
  }

  override publish(workflowId: string): void {
    this.#broadcast.publish(workflowId);
  }

  override subscribe(onChanged: (workflowId: string) => void): () => void {
    return this.#broadcast.subscribe(onChanged);
  }
}
