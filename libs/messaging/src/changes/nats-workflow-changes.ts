import { workflowChangedSubject, workflowChangedWildcard } from '@app/events';
import { type Subscription } from '@nats-io/transport-node';
import { type NatsLink } from '../link/nats-link.js';
import { WorkflowChanges } from './workflow-changes.js';

/** Notices over core NATS: nothing is stored, and nothing is sent while the link is down. */
export class NatsWorkflowChanges extends WorkflowChanges {
  readonly #link: NatsLink;
  readonly #namespace: string;

  constructor(link: NatsLink, namespace: string) {
    super();
    this.#link = link;
    this.#namespace = namespace;
  }

  override publish(workflowId: string): void {
    if (!this.#link.available) return;
    try {
      this.#link.connection.publish(workflowChangedSubject(this.#namespace, workflowId));
    } catch {
      // The connection is being closed. What changed is stored, and caches go by their age limit.
    }
  }

  /** Before the first connection it waits for that; the client library subscribes anew at each other. */
  override subscribe(onChanged: (workflowId: string) => void): () => void {
    let subscription: Subscription | undefined;
    const subscribeOnce = (): void => {
      if (!this.#link.available || subscription !== undefined) return;
      subscription = this.#subscribe(onChanged);
    };
    const unobserve = this.#link.onChange(subscribeOnce);
    subscribeOnce();
    return () => {
      unobserve();
      subscription?.unsubscribe();
    };
  }

  #subscribe(onChanged: (workflowId: string) => void): Subscription {
    const subject = workflowChangedWildcard(this.#namespace);
    const idAt = subject.length - '*'.length;
    return this.#link.connection.subscribe(subject, {
      callback: (error, message) => {
        if (error === null) onChanged(message.subject.slice(idAt));
      },
    });
  }
}
