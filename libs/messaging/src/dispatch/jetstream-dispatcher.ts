import { randomUUID } from 'node:crypto';
import { type CloudEvent, type Dispatch, encodeBinaryMessage, encodeDispatch } from '@app/events';
import { dispatchSubject, eventSubject, signalSubject } from '../topology/names.js';
import { type SigningKeys } from '@app/signing';
import { Dispatcher } from '../dispatcher.js';
import { DispatchFailedError } from '../errors.js';
import { type NatsLink } from '../link/nats-link.js';
import { type InFlightLimits } from './in-flight-budget.js';
import { JetStreamPublisher, type OutgoingMessage } from './jetstream-publisher.js';

export interface JetStreamDispatcherOptions extends InFlightLimits {
  readonly namespace: string;
  /** Sign each dispatch. */
  readonly keys: SigningKeys;
  /** How long to wait for JetStream's acknowledgement. */
  readonly ackTimeoutMs: number;
  /** No stream takes the subject: the topology needs a reconciliation. */
  readonly onNoStream: () => void;
}

/**
 * Dispatches over JetStream, in two lanes: what is not recorded has the stream that is on the disk
 * before it is acknowledged, since it may be the only copy. A resolved `dispatch` is stored on as many
 * servers as the stream has replicas.
 *
 * No message has an id by which the server would refuse a second one. What is recorded is told of once, and whoever
 * hears of it twice finds it begun, so the server's table of ids would cost a fifth of its work for nothing. A second
 * dispatch of what is not recorded may have other content, which has to be seen; each notification counts.
 */
export class JetStreamDispatcher extends Dispatcher {
  override readonly transport = 'nats';

  readonly #link: NatsLink;
  readonly #options: JetStreamDispatcherOptions;
  readonly #unobserve: () => void;
  #publisher: JetStreamPublisher | undefined;

  constructor(link: NatsLink, options: JetStreamDispatcherOptions) {
    super();
    this.#link = link;
    this.#options = options;
    this.#unobserve = link.onChange(({ available, reason }) => {
      if (!available) this.#publisher?.rejectAll(reason ?? 'disconnected');
    });
  }

  override get available(): boolean {
    return this.#link.available;
  }

  override async dispatch(dispatch: Dispatch): Promise<void> {
    const { namespace, keys } = this.#options;
    const { recorded, workflowId } = dispatch;
    const { headers, payload } = encodeDispatch(dispatch, keys);
    const subjectOf = recorded ? dispatchSubject : eventSubject;
    await this.#publish({
      subject: subjectOf(namespace, workflowId),
      headers,
      payload,
    });
  }

  override async notify(activityId: string): Promise<void> {
    await this.#publish({
      subject: signalSubject(this.#options.namespace, activityId),
      ...encodeBinaryMessage(wakeEvent(activityId)),
    });
  }

  /** What is on its way is rejected. */
  close(): void {
    this.#unobserve();
    this.#publisher?.close();
  }

  /** The client library would keep what is published while disconnected; a dispatch fails instead. */
  #publish(message: OutgoingMessage): Promise<unknown> {
    if (!this.#link.available) {
      const reason = this.#link.state.reason ?? 'not connected';
      return Promise.reject(new DispatchFailedError('nats', reason));
    }
    try {
      this.#publisher ??= new JetStreamPublisher(this.#link.connection, this.#options);
    } catch (cause) {
      // The connection is being closed: the client library throws its own errors for that.
      return Promise.reject(new DispatchFailedError('nats', String(cause), { cause }));
    }
    return this.#publisher.publish(message);
  }
}

/** All that it says is in its subject; it is an event because every message here is one. */
function wakeEvent(activityId: string): CloudEvent {
  return {
    specversion: '1.0',
    id: randomUUID(),
    source: '/flow-eventing',
    type: 'io.boomerang.eventing.wake',
    subject: `/activities/${activityId}`,
    extensions: {},
  };
}
