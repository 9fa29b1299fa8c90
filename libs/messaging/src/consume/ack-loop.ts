/**
 * The ack loop: every message that is taken is answered exactly once.
 *
 * A1. A message is in flight from its delivery until it is answered; `working` keeps all that are in flight alive,
 *   from one interval for all.
 * A2. `ack` follows the handler's success and nothing else does.
 * A3. A message is given up (`term`) only after the dead letter sink has it. If the sink fails, the message comes
 *   again.
 * A4. A message that can't be decoded never reaches the handler. Nor does one that was delivered more often than
 *   allowed, because the handler may be what kills the process.
 * A5. No message ends the loop.
 */
import { InFlightSet } from '@app/collections';
import { FlowError } from '@app/errors';
import { type ReceivedMessage } from '@app/events';
import { setTimeout as delay } from 'node:timers/promises';
import { DeliveriesExhaustedError, HandlerFailedError } from '../errors.js';
import {
  type Acknowledgement,
  acknowledgementOf,
  type RedeliveryPolicy,
} from './acknowledgement.js';
import { type DeadLetterSink } from './dead-letter-sink.js';
import { type Delivery } from './delivery.js';

export interface AckLoopOptions {
  readonly policy: RedeliveryPolicy;
  /** Of the consumer; `working` is sent three times within it. */
  readonly ackWaitMs: number;
  readonly deadLetters: DeadLetterSink;
  /** Makes the handler's argument. @throws FlowError of a lasting kind when it can't be made */
  readonly decode: (message: ReceivedMessage, subject: string) => unknown;
  /** How many items a message brings, such as the dispatches of a batch; 1 when absent. */
  readonly placesOf?: ((data: unknown) => number) | undefined;
  /** `settled` reports that one item is done, so that its room can be used for another message. */
  readonly handle: (data: unknown, delivery: Delivery, settled: () => void) => Promise<void>;
  readonly onFailed: (failure: MessageFailure) => void;
  /** A message was answered, so there is room for another one. */
  readonly onRoom: () => void;
}

export interface MessageFailure {
  readonly subject: string;
  readonly sequence: number;
  readonly deliveries: number;
  readonly error: FlowError;
  readonly acknowledgement: Acknowledgement;
}

export class AckLoop {
  readonly #options: AckLoopOptions;
  readonly #inFlight = new InFlightSet<Delivery>();
  readonly #heartbeat: NodeJS.Timeout;
  #inFlightBytes = 0;
  #places = 0;
  #onIdle: (() => void) | undefined;

  constructor(options: AckLoopOptions) {
    this.#options = options;
    this.#heartbeat = setInterval(() => {
      for (const delivery of this.#inFlight) delivery.working();
    }, options.ackWaitMs / 3).unref();
  }

  /** The items of the messages in flight that are not done. */
  get places(): number {
    return this.#places;
  }

  get inFlightBytes(): number {
    return this.#inFlightBytes;
  }

  async take(delivery: Delivery): Promise<void> {
    const { bytes } = delivery;
    const held = new Held();
    this.#inFlight.add(delivery);
    this.#inFlightBytes += bytes;
    this.#places += 1;
    try {
      await this.#handle(delivery, held);
      delivery.ack();
    } catch (error) {
      await this.#fail(delivery, error);
    }
    this.#inFlight.delete(delivery);
    this.#inFlightBytes -= bytes;
    this.#places -= held.places;
    if (this.#inFlight.size === 0) this.#onIdle?.();
    this.#options.onRoom();
  }

  /** Waits until nothing is in flight, at most `withinMs`; then gives back (`nak`) what still is. */
  async finish(withinMs: number): Promise<void> {
    if (this.#inFlight.size > 0) {
      const idle = new Promise<void>((resolve) => (this.#onIdle = resolve));
      await Promise.race([idle, delay(withinMs, undefined, { ref: false })]);
    }
    clearInterval(this.#heartbeat);
    for (const delivery of this.#inFlight) delivery.nak(0);
  }

  async #handle(delivery: Delivery, held: Held): Promise<void> {
    if (delivery.deliveries > this.#options.policy.deliveriesMax) {
      throw new DeliveriesExhaustedError(delivery.deliveries);
    }
    const { decode, placesOf, handle } = this.#options;
    const data = decode(delivery, delivery.subject);
    const more = placesOf === undefined ? 0 : placesOf(data) - 1;
    held.places += more;
    this.#places += more;
    await handle(data, delivery, () => {
      // The room of the last item is released with the message itself.
      if (held.places <= 1) return;
      held.places -= 1;
      this.#places -= 1;
      this.#options.onRoom();
    });
  }

  async #fail(delivery: Delivery, reason: unknown): Promise<void> {
    const { policy, onFailed } = this.#options;
    const { subject, sequence, deliveries } = delivery;
    const error = asFlowError(reason);
    const acknowledgement = acknowledgementOf(error, deliveries, policy);
    onFailed({ subject, sequence, deliveries, error, acknowledgement });
    if (acknowledgement.do === 'nak') delivery.nak(acknowledgement.delayMs);
    else await this.#giveUp(delivery, error);
  }

  async #giveUp(delivery: Delivery, reason: FlowError): Promise<void> {
    const { deadLetters, policy, onFailed } = this.#options;
    const { stream, subject, sequence, deliveries, headers, payload } = delivery;
    const facts = { stream, subject, sequence, deliveries, headers, payload };
    try {
      await deadLetters.keep({ ...facts, code: reason.code, reason: reason.message });
      delivery.term();
    } catch (error) {
      const acknowledgement = { do: 'nak', delayMs: policy.backoffCapMs } as const;
      onFailed({ subject, sequence, deliveries, error: asFlowError(error), acknowledgement });
      delivery.nak(acknowledgement.delayMs);
    }
  }
}

/** The room that one message takes. */
class Held {
  places = 1;
}

function asFlowError(error: unknown): FlowError {
  return error instanceof FlowError ? error : new HandlerFailedError(error);
}
