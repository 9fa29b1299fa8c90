import { type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';
import { setTimeout as delay } from 'node:timers/promises';
import { isObservable, lastValueFrom } from 'rxjs';
import { HandlerMismatchError } from '../errors.js';
import { type NatsLink } from '../link/nats-link.js';
import { type TopologyProvisioner } from '../topology/topology-provisioner.js';
import { JetStreamContext } from './handlers.js';
import { type PullLimits } from './pull-room.js';
import {
  type ConsumerState,
  StreamConsumer,
  type StreamConsumerOptions,
} from './stream-consumer.js';

/** The second argument of `@EventPattern`, so that no other transport takes the handler. */
export const JETSTREAM = Symbol('jetstream');

/** How long the server may take to receive all answers when the application stops, in milliseconds. */
const FLUSH_MS_MAX = 500;

/** A durable consumer, and the name that a handler has for it in `@EventPattern`. */
export interface ConsumerBinding extends Pick<
  StreamConsumerOptions,
  'stream' | 'durable' | 'decode' | 'placesOf' | keyof PullLimits
> {
  readonly pattern: string;
  /** Where it differs from that of the other consumers. */
  readonly policy?: StreamConsumerOptions['policy'];
}

export interface JetStreamServerOptions extends Omit<
  StreamConsumerOptions,
  Exclude<keyof ConsumerBinding, 'policy'> | 'handle'
> {
  readonly link: NatsLink;
  readonly topology: TopologyProvisioner;
  readonly consumers: readonly ConsumerBinding[];
  /** How long the handlers may take to end the messages in flight when the application stops, in milliseconds. */
  readonly closeWithinMs: number;
}

/**
 * Nest's transport over JetStream pull consumers. A handler is an ordinary method with
 * `@EventPattern(pattern, JETSTREAM)` on a controller with `PassErrorToAckLoop`; it gets what the
 * binding's `decode` made of the message and, as its `@Ctx()`, a `JetStreamContext`. The message is
 * acknowledged when the handler resolves; see `ack-loop.ts`.
 */
export class JetStreamServer extends Server implements CustomTransportStrategy {
  override readonly transportId = JETSTREAM;
  /** The ack loop sees every failure, so Nest need not log it. */
  override readonly propagatesEventHandlerErrors = true;

  readonly #options: JetStreamServerOptions;
  #consumers: readonly StreamConsumer[] = [];

  constructor(options: JetStreamServerOptions) {
    super();
    this.#options = options;
  }

  /** Starts without NATS, too. @throws HandlerMismatchError */
  listen(callback: () => void): void {
    const { consumers } = this.#options;
    this.#requireBindingsForHandlers(consumers.map(({ pattern }) => pattern));
    this.#consumers = consumers.map((binding) => this.#consume(binding));
    callback();
  }

  /** Stops pulling, ends what is in flight, gives back the rest, and sends all answers. */
  async close(): Promise<void> {
    const { link, closeWithinMs } = this.#options;
    await Promise.all(this.#consumers.map((consumer) => consumer.close(closeWithinMs)));
    if (link.available) await this.#sendAnswers();
  }

  /** A server that is gone redelivers every message that it has no answer to, so nothing is lost. */
  async #sendAnswers(): Promise<void> {
    const sent = this.#options.link.connection.flush().catch(() => undefined);
    await Promise.race([sent, delay(FLUSH_MS_MAX, undefined, { ref: false })]);
  }

  /**
   * Takes no new messages until `resume`. For a time in which all handlers would fail (the database is gone): each
   * failure uses up one of a message's deliveries.
   */
  pause(): void {
    for (const consumer of this.#consumers) consumer.pause();
  }

  resume(): void {
    for (const consumer of this.#consumers) consumer.resume();
  }

  /** Why messages of a consumer are not delivered; undefined while they are. */
  get trouble(): ConsumerState | undefined {
    return this.#consumers.find(({ trouble }) => trouble !== undefined)?.trouble;
  }

  override on(): never {
    throw new HandlerMismatchError('The JetStream transport has no events; observe the NatsLink');
  }

  override unwrap(): never {
    throw new HandlerMismatchError('The JetStream transport hands out no client; use the NatsLink');
  }

  #consume(binding: ConsumerBinding): StreamConsumer {
    const { link, topology, ...options } = this.#options;
    const handler = this.#handlerOf(binding);
    return new StreamConsumer(link, topology, {
      ...options,
      ...binding,
      handle: (data, delivery, settled) =>
        this.#handle(handler, data, new JetStreamContext(delivery, settled)),
    });
  }

  /** A handler behind an interceptor, or one that failed, returns an observable. */
  async #handle(handler: MessageHandler, data: unknown, context: JetStreamContext): Promise<void> {
    const result: unknown = await handler(data, context);
    if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
  }

  #handlerOf({ pattern }: ConsumerBinding): MessageHandler {
    const handler = this.getHandlerByPattern(pattern);
    if (handler !== null) return handler;
    throw new HandlerMismatchError(`No @EventPattern('${pattern}', JETSTREAM) handles messages`);
  }

  #requireBindingsForHandlers(patterns: readonly string[]): void {
    for (const pattern of this.messageHandlers.keys()) {
      if (patterns.includes(pattern)) continue;
      throw new HandlerMismatchError(`@EventPattern('${pattern}') has no JetStream consumer`);
    }
  }
}
