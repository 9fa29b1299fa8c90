import {
  type CloudEvent,
  encodeBinaryMessage,
  encodeStructuredMessage,
  type Message,
} from '@app/events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DispatchFailedError } from '../errors.js';
import { type NatsLink } from '../link/nats-link.js';
import { type OutsideSubjects } from '../topology/outside-subjects.js';
import { type InFlightLimits } from './in-flight-budget.js';
import { LinkPublisher } from './link-publisher.js';
import { natsHeadersOf, sizeProblem } from './nats-message.js';
import { type StoredMessage } from './read-pub-ack.js';

/** An event of a workflow for outside subscribers, and its content mode. */
export interface EventMessage {
  readonly subject: string;
  readonly event: CloudEvent;
  readonly mode: 'binary' | 'structured';
}

export interface EventPublisherOptions extends InFlightLimits {
  readonly subjects: OutsideSubjects;
  /** How long to wait for the server, in milliseconds. */
  readonly ackTimeoutMs: number;
}

/** Publishes events of workflows for outside subscribers (NATS binding of CloudEvents 1.0.2). */
export class EventPublisher {
  readonly #publisher: LinkPublisher;

  constructor(
    private readonly link: NatsLink,
    private readonly options: EventPublisherOptions,
  ) {
    const { ackTimeoutMs, inFlightMax, inFlightBytesMax } = options;
    this.#publisher = new LinkPublisher(link, {
      ...{ ackTimeoutMs, inFlightMax, inFlightBytesMax },
      onNoStream: () => undefined,
    });
  }

  get available(): boolean {
    return this.link.available;
  }

  /** Why workflows may not publish on the subject; undefined when they may. */
  subjectProblem(subject: string): string | undefined {
    return this.options.subjects.problem(subject);
  }

  /**
   * Resolves when a stream has stored it. Repetitions within the stream's duplicate window are stored once: the
   * message id is made of the event's source and id.
   *
   * @throws DispatchTooLargeError, NoRoomError, NoStreamError when nothing has it
   * @throws DispatchFailedError when it isn't known whether it is stored
   */
  async store({ subject, event, mode }: EventMessage): Promise<StoredMessage> {
    return this.#publisher.publish({
      subject,
      messageId: `${event.source} ${event.id}`,
      ...encoded(event, mode),
    });
  }

  /**
   * Resolves when the server has it. Only current subscribers get it.
   *
   * @throws DispatchTooLargeError
   * @throws DispatchFailedError when it isn't known whether the server has it, or the server forbids the subject
   */
  async send({ subject, event, mode }: EventMessage): Promise<void> {
    const { connection } = this.link;
    const { headers: plain, payload } = encoded(event, mode);
    const headers = natsHeadersOf({ headers: plain });
    const tooLarge = sizeProblem(connection, payload, headers);
    if (tooLarge) throw tooLarge;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const { ackTimeoutMs } = this.options;
      timer = setTimeout(() => {
        reject(new DispatchFailedError('nats', `no answer within ${ackTimeoutMs} ms`));
      }, ackTimeoutMs);
    });
    const forbidden = new Set<string>();
    const unobserve = this.link.onForbidden((other) => forbidden.add(other));
    try {
      connection.publish(subject, payload, { headers });
      await Promise.race([connection.flush(), late]);
      // A refusal that the server sent before its answer to `flush` is reported in a later turn.
      await nextTurn();
    } catch (error) {
      if (error instanceof DispatchFailedError) throw error;
      throw new DispatchFailedError('nats', String(error), { cause: error });
    } finally {
      clearTimeout(timer);
      unobserve();
    }
    if (forbidden.has(subject)) {
      throw new DispatchFailedError('nats', `the executor's user may not publish on "${subject}"`);
    }
  }

  /** What is on its way is rejected. */
  close(): void {
    this.#publisher.close();
  }
}

function encoded(event: CloudEvent, mode: EventMessage['mode']): Message {
  return mode === 'binary' ? encodeBinaryMessage(event) : encodeStructuredMessage(event);
}
