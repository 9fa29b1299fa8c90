import { workflowChangedSubject } from '../topology/names.js';
import { NatsBroadcast, type SignedNoticeOptions } from '../link/nats-broadcast.js';
import { type NatsLink } from '../link/nats-link.js';

/**
 * Tells every process that a workflow or its tokens changed, so that caches drop it at once. A notice may get lost, so
 * caches also have an age limit.
 */
export abstract class WorkflowChanges {
  /** @param lockVersion of the workflow with the change; undefined when it was deleted */
  abstract publish(workflowId: string, lockVersion?: number): void;

  /**
   * Calls back with the id of each workflow that changes, and its new lock version, which a notice of the release
   * before does not carry; returns what unsubscribes.
   */
  abstract subscribe(
    onChanged: (workflowId: string, lockVersion: number | undefined) => void,
  ): () => void;
}

/** Changes of an installation without NATS: none is sent, and caches use their age limit. */
export class NoWorkflowChanges extends WorkflowChanges {
  override publish(): void {
    // No process listens.
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

  override publish(workflowId: string, lockVersion?: number): void {
    this.#broadcast.publish(workflowId, lockVersion?.toString());
  }

  override subscribe(
    onChanged: (workflowId: string, lockVersion: number | undefined) => void,
  ): () => void {
    return this.#broadcast.subscribe((id, said) => {
      onChanged(id, /^\d{1,15}$/.test(said) ? Number(said) : undefined);
    });
  }
}
