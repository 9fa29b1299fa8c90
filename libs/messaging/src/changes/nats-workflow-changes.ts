import { workflowChangedWildcard } from '../topology/names.js';
import { NatsBroadcast, type SignedNoticeOptions } from '../link/nats-broadcast.js';
import { type NatsLink } from '../link/nats-link.js';
import { WorkflowChanges } from './workflow-changes.js';

export class NatsWorkflowChanges extends WorkflowChanges {
  readonly #broadcast: NatsBroadcast;

  constructor(link: NatsLink, options: SignedNoticeOptions) {
    super();
    this.#broadcast = new NatsBroadcast(link, workflowChangedWildcard(options.namespace), options);
  }

  override publish(workflowId: string): void {
    this.#broadcast.publish(workflowId);
  }

  override subscribe(onChanged: (workflowId: string) => void): () => void {
    return this.#broadcast.subscribe(onChanged);
  }
}
