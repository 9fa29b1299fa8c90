import { type CloudEvent, encodeStructuredMessage } from '@app/events';
import { DispatchFailedError } from '../errors.js';
import { type NatsLink } from '../link/nats-link.js';
import { statusSubject } from '../topology/names.js';
import { type JetStreamPublisherOptions } from './jetstream-publisher.js';
import { LinkPublisher } from './link-publisher.js';

/** A new status of an activity or of one of its tasks, for subscribers. */
export interface StatusEvent {
  readonly of: 'workflow' | 'task';
  readonly workflowId: string;
  readonly status: string;
  readonly event: CloudEvent;
}

export interface StatusPublisherOptions extends JetStreamPublisherOptions {
  readonly namespace: string;
}

/** Publishes status events to their stream, in structured mode. The message id is the event's. */
export class StatusPublisher {
  readonly #publisher: LinkPublisher;

  constructor(
    link: NatsLink,
    private readonly options: StatusPublisherOptions,
  ) {
    this.#publisher = new LinkPublisher(link, options);
  }

  get available(): boolean {
    return this.#publisher.available;
  }

  /**
   * Resolves when the stream has it.
   * @throws DispatchTooLargeError when the server would never take it
   * @throws DispatchFailedError when it isn't known whether it is stored
   */
  async publish({ of, workflowId, status, event }: StatusEvent): Promise<void> {
    if (!this.available) throw new DispatchFailedError('nats', 'not connected');
    const subject = statusSubject(this.options.namespace, of, workflowId, status);
    await this.#publisher.publish({
      subject,
      messageId: event.id,
      ...encodeStructuredMessage(event),
    });
  }

  /** What is on its way is rejected. */
  close(): void {
    this.#publisher.close();
  }
}
