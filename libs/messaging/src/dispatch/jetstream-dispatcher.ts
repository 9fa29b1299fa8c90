import { randomUUID } from 'node:crypto';
import { Buffer } from 'node:buffer';
import {
  type CloudEvent,
  type Dispatch,
  encodeBinaryMessage,
  encodeDispatch,
  encodeDispatchBatch,
  toStructuredJson,
  type WrittenDispatch,
} from '@app/events';
import { batchSubject, dispatchSubject, eventSubject, signalSubject } from '../topology/names.js';
import { type SigningKeys } from '@app/signing';
import { Dispatcher } from '../dispatcher.js';
import {
  DispatchFailedError,
  DispatchRefusedError,
  DispatchTooLargeError,
  NoStreamError,
} from '../errors.js';
import { type NatsLink } from '../link/nats-link.js';
import { BatchReaders } from './batch-readers.js';
import { InFlightBudget, type InFlightLimits } from './in-flight-budget.js';
import { JetStreamPublisher, type OutgoingMessage } from './jetstream-publisher.js';
import { TurnBatches } from './turn-batches.js';

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
 * Dispatches over JetStream, in two lanes. Events that are not recorded have a stream that is on disk before it
 * acknowledges, since it may hold the only copy. A resolved `dispatch` is stored on as many servers as the stream has
 * replicas.
 *
 * Dispatches of recorded events that come in one turn of the event loop go out as one message, as long as an executor
 * takes such messages (ADR 0036). Callers do not notice: each has the outcome of its message, and a batch that the
 * server refuses is sent one by one.
 *
 * No message has an id by which the server would refuse a duplicate. A duplicate of a recorded event finds it begun,
 * so the server's table of ids would cost a fifth of its work for nothing. A second dispatch of an unrecorded event
 * may have other content, which the executor has to see; and each notification counts.
 */
export class JetStreamDispatcher extends Dispatcher {
  override readonly transport = 'nats';

  readonly #link: NatsLink;
  readonly #options: JetStreamDispatcherOptions;
  readonly #unobserve: readonly (() => void)[];
  readonly #batches: TurnBatches;
  readonly #readers: BatchReaders;
  readonly #budget: InFlightBudget;
  #publisher: JetStreamPublisher | undefined;
  #closed = false;

  constructor(link: NatsLink, options: JetStreamDispatcherOptions) {
    super();
    this.#link = link;
    this.#options = options;
    this.#budget = new InFlightBudget('nats', options);
    this.#readers = new BatchReaders(link, options.namespace);
    this.#batches = new TurnBatches({
      send: (members) => this.#sendTogether(members),
      onSent: () => this.#publisher?.flush(),
    });
    this.#unobserve = [
      link.onChange(({ available, reason }) => {
        if (!available) this.#publisher?.rejectAll(reason ?? 'disconnected');
      }),
      // The user of the release before has no right to the batch subject: then all dispatches go one by one, as
      // before.
      link.onForbidden((subject) => {
        if (subject !== batchSubject(options.namespace)) return;
        this.#readers.forbidden();
        this.#publisher?.refuseAll(subject);
      }),
    ];
  }

  override get available(): boolean {
    return this.#link.available;
  }

  override dispatch(dispatch: Dispatch): Promise<void> {
    const text = toStructuredJson(dispatch.event);
    const written = { dispatch, text, bytes: Buffer.byteLength(text) };
    return this.#within(written.bytes, () =>
      dispatch.recorded ? this.#batches.add(written) : this.#sendAlone(written),
    );
  }

  override notify(activityId: string): Promise<void> {
    return this.#within(0, () =>
      this.#publish({
        subject: signalSubject(this.#options.namespace, activityId),
        ...encodeBinaryMessage(wakeEvent(activityId)),
      }),
    );
  }

  /** What is on its way is rejected. */
  close(): void {
    this.#closed = true;
    for (const unobserve of this.#unobserve) unobserve();
    this.#publisher?.close();
  }

  /** The client library would buffer what is published while disconnected; a dispatch fails instead. */
  async #within(bytes: number, send: () => Promise<void>): Promise<void> {
    if (!this.#link.available) throw this.#notConnected();
    this.#budget.take(bytes);
    try {
      await send();
    } finally {
      this.#budget.give(bytes);
    }
  }

  async #sendTogether(members: readonly WrittenDispatch[]): Promise<void> {
    if (members.length > 1 && this.#readers.areThere) {
      try {
        await this.#publish({
          subject: batchSubject(this.#options.namespace),
          ...encodeDispatchBatch(members, this.#options.keys),
        });
        return;
      } catch (error) {
        // It is not known whether it is stored: the caller decides, as with a single message.
        if (!isNotStored(error)) throw error;
        this.#readers.refused();
      }
    }
    await Promise.all(members.map((one) => this.#sendAlone(one)));
  }

  async #sendAlone({ dispatch, text }: WrittenDispatch): Promise<void> {
    const { namespace, keys } = this.#options;
    const subjectOf = dispatch.recorded ? dispatchSubject : eventSubject;
    await this.#publish({
      subject: subjectOf(namespace, dispatch.workflowId),
      ...encodeDispatch(dispatch, keys, text),
    });
  }

  async #publish(message: OutgoingMessage): Promise<void> {
    if (this.#closed) throw new DispatchFailedError('nats', 'the dispatcher is closed');
    if (!this.#link.available) throw this.#notConnected();
    try {
      // Messages on their way are counted here, by the dispatches in them, and not by the publisher.
      this.#publisher ??= new JetStreamPublisher(this.#link.connection, {
        ...this.#options,
        ...{ inFlightMax: Infinity, inFlightBytesMax: Infinity },
      });
    } catch (cause) {
      // The connection is being closed: the client library throws its own errors for that.
      throw new DispatchFailedError('nats', String(cause), { cause });
    }
    await this.#publisher.publish(message);
  }

  #notConnected(): DispatchFailedError {
    return new DispatchFailedError('nats', this.#link.state.reason ?? 'not connected');
  }
}

function isNotStored(error: unknown): boolean {
  return (
    error instanceof DispatchRefusedError ||
    error instanceof DispatchTooLargeError ||
    error instanceof NoStreamError
  );
}

/** The subject carries all its information; it is an event because every message here is one. */
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
