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
 * Dispatches over JetStream, in two lanes: what is not recorded has the stream that is on the disk
 * before it is acknowledged, since it may be the only copy. A resolved `dispatch` is stored on as many
 * servers as the stream has replicas.
 *
 * Dispatches of recorded events that come in one turn of the event loop go out as one message, as long as an executor
 * takes such messages (ADR 0036). Nobody else notices: each has the outcome of its message, and what a stream of batches
 * does not take goes one by one.
 *
 * No message has an id by which the server would refuse a second one. What is recorded is told of once, and whoever
 * hears of it twice finds it begun, so the server's table of ids would cost a fifth of its work for nothing. A second
 * dispatch of what is not recorded may have other content, which has to be seen; each notification counts.
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
      // Rights that were given to the release before: then all goes one by one, as it did.
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

  /** The client library would keep what is published while disconnected; a dispatch fails instead. */
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
        // Whether it is stored is not known: that is for the caller, as with a single one.
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
      // What is on its way is counted here, by what a message holds.
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
