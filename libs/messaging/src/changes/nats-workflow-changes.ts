import { workflowChangedSubject, workflowChangedWildcard } from '@app/events';
import { isOurNotice, signNotice, type SigningKeys } from '@app/signing';
import { headers as natsHeaders, type Msg, type Subscription } from '@nats-io/transport-node';
import { type NatsLink } from '../link/nats-link.js';
import { WorkflowChanges } from './workflow-changes.js';

export interface NatsWorkflowChangesOptions {
  readonly namespace: string;
  /** Sign each notice; one that is not signed with them is no notice. */
  readonly keys: SigningKeys;
  /** How old a notice may be. */
  readonly ageMsMax: number;
}

const NO_BYTES = new Uint8Array(0);

/** Notices over core NATS: nothing is stored, and nothing is sent while the link is down. */
export class NatsWorkflowChanges extends WorkflowChanges {
  readonly #link: NatsLink;
  readonly #options: NatsWorkflowChangesOptions;

  constructor(link: NatsLink, options: NatsWorkflowChangesOptions) {
    super();
    this.#link = link;
    this.#options = options;
  }

  override publish(workflowId: string): void {
    if (!this.#link.available) return;
    const { namespace, keys } = this.#options;
    const subject = workflowChangedSubject(namespace, workflowId);
    const headers = natsHeaders();
    const signed = signNotice(keys, { subject, payload: NO_BYTES }, Date.now());
    for (const [name, value] of Object.entries(signed)) headers.set(name, value);
    try {
      this.#link.connection.publish(subject, NO_BYTES, { headers });
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
    const subject = workflowChangedWildcard(this.#options.namespace);
    const idAt = subject.length - '*'.length;
    return this.#link.connection.subscribe(subject, {
      callback: (error, message) => {
        if (error === null && this.#isOurs(message)) onChanged(message.subject.slice(idAt));
      },
    });
  }

  #isOurs({ subject, data: payload, headers }: Msg): boolean {
    const { keys, ageMsMax } = this.#options;
    const headerOf = (name: string): string => headers?.get(name) ?? '';
    return isOurNotice(keys, { subject, payload }, headerOf, Date.now(), ageMsMax);
  }
}
