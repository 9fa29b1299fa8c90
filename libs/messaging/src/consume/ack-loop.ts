/**
 * The ack loop: every message that is taken in hand is answered exactly once.
 *
 * A1. A message is in hand from its delivery until it is answered; all in hand are kept alive with
 *     `working`, from one interval for all.
 * A2. `ack` follows the handler's success and nothing else does.
 * A3. A message is given up (`term`) only after the dead letter sink has it. If the sink fails, the
 *     message comes again.
 * A4. What can't be decoded never reaches the handler; nor does what was delivered more often than
 *     allowed, because the handler may be what kills the process.
 * A5. Nothing a message does ends the loop.
 */
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
  /** The consumer's; a third of it passes between two signs of life. */
  readonly ackWaitMs: number;
  readonly deadLetters: DeadLetterSink;
  /** Makes what the handler gets. @throws FlowError of a lasting kind when it can't be made */
  readonly decode: (message: ReceivedMessage, subject: string) => unknown;
  readonly handle: (data: unknown, delivery: Delivery) => Promise<void>;
  readonly onFailed: (failure: MessageFailure) => void;
  /** A message was answered, so another one may be taken in hand. */
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
  readonly #inHand = new Set<Delivery>();
  readonly #heartbeat: NodeJS.Timeout;
  #inHandBytes = 0;
  #onIdle: (() => void) | undefined;

  constructor(options: AckLoopOptions) {
    this.#options = options;
    this.#heartbeat = setInterval(() => {
      for (const delivery of this.#inHand) delivery.working();
    }, options.ackWaitMs / 3).unref();
  }

  get inHand(): number {
    return this.#inHand.size;
  }

  get inHandBytes(): number {
    return this.#inHandBytes;
  }

  async take(delivery: Delivery): Promise<void> {
    const { bytes } = delivery;
    this.#inHand.add(delivery);
    this.#inHandBytes += bytes;
    try {
      await this.#handle(delivery);
      delivery.ack();
    } catch (error) {
      await this.#fail(delivery, error);
    }
    this.#inHand.delete(delivery);
    this.#inHandBytes -= bytes;
    if (this.#inHand.size === 0) this.#onIdle?.();
    this.#options.onRoom();
  }

  /** Waits until nothing is in hand, at most `withinMs`; gives back what still is. */
  async finish(withinMs: number): Promise<void> {
    if (this.#inHand.size > 0) {
      const idle = new Promise<void>((resolve) => (this.#onIdle = resolve));
      await Promise.race([idle, delay(withinMs, undefined, { ref: false })]);
    }
    clearInterval(this.#heartbeat);
    for (const delivery of this.#inHand) delivery.nak(0);
  }

  async #handle(delivery: Delivery): Promise<void> {
    if (delivery.deliveries > this.#options.policy.deliveriesMax) {
      throw new DeliveriesExhaustedError(delivery.deliveries);
    }
    const data = this.#options.decode(delivery, delivery.subject);
    await this.#options.handle(data, delivery);
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

function asFlowError(error: unknown): FlowError {
  return error instanceof FlowError ? error : new HandlerFailedError(error);
}
