import { Controller, type INestApplication, Logger, Module, UseFilters } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Ctx, EventPattern, type MicroserviceOptions, Payload } from '@nestjs/microservices';
import { type ReceivedMessage } from '@app/events';
import { eventsStream } from '../src/topology/names.js';
import { DeadLetterSink, type DeadMessage } from '../src/consume/dead-letter-sink.js';
import { type JetStreamContext, FLOW_EVENT, PassErrorToAckLoop } from '../src/consume/handlers.js';
import {
  type ConsumerBinding,
  JETSTREAM,
  JetStreamServer,
  type JetStreamServerOptions,
} from '../src/consume/jetstream-server.js';
import { type MessageFailure } from '../src/consume/ack-loop.js';
import { type ConsumerTrouble } from '../src/consume/stream-consumer.js';
import { EXECUTOR_CONSUMER } from '../src/topology/flow-topology.js';
import { ACK_WAIT_MS, type FlowNats } from './flow-nats.js';

/** The tests' messages are plain text. */
function decodeText({ payload }: ReceivedMessage): string {
  return Buffer.from(payload).toString();
}

export type Handle = (text: string, context: JetStreamContext) => Promise<void>;

class Handler {
  constructor(readonly handle: Handle) {}
}

@Controller()
@UseFilters(PassErrorToAckLoop)
class EventsController {
  constructor(private readonly handler: Handler) {}

  @EventPattern(FLOW_EVENT, JETSTREAM)
  async onEvent(@Payload() text: string, @Ctx() context: unknown): Promise<void> {
    await this.handler.handle(text, context as JetStreamContext);
  }
}

@Module({})
class EventsModule {}

class MemoryDeadLetterSink extends DeadLetterSink {
  readonly kept: DeadMessage[] = [];
  broken = false;

  override async keep(message: DeadMessage): Promise<void> {
    if (this.broken) throw new Error('the store is gone');
    this.kept.push(message);
  }
}

/** A Nest application with one handler of events, and all that it told. */
export class ConsumingApp {
  readonly deadLetters = new MemoryDeadLetterSink();
  readonly failures: MessageFailure[] = [];
  readonly troubles: ConsumerTrouble[] = [];
  readonly binding: ConsumerBinding;
  readonly server: JetStreamServer;
  #app: INestApplication | undefined;

  constructor(
    flow: FlowNats,
    private readonly handle: Handle,
    options: Partial<
      JetStreamServerOptions &
        Pick<
          ConsumerBinding,
          | 'messagesInFlightMax'
          | 'bytesInFlightMax'
          | 'decode'
          | 'stream'
          | 'placesMax'
          | 'placesOf'
        >
    > = {},
  ) {
    const { messagesInFlightMax = 10, bytesInFlightMax, decode = decodeText } = options;
    const { stream = eventsStream(flow.namespace), placesMax, placesOf, ...rest } = options;
    this.binding = {
      pattern: FLOW_EVENT,
      stream,
      durable: EXECUTOR_CONSUMER,
      messagesInFlightMax,
      bytesInFlightMax,
      placesMax,
      placesOf,
      decode,
    };
    this.server = new JetStreamServer({
      link: flow.link,
      topology: flow.topology,
      consumers: [this.binding],
      deadLetters: this.deadLetters,
      policy: { deliveriesMax: 3, backoffBaseMs: 20, backoffCapMs: 100 },
      ackWaitMs: ACK_WAIT_MS,
      stuckAfterMs: 60_000,
      closeWithinMs: 5_000,
      onFailed: (failure) => this.failures.push(failure),
      onTrouble: (trouble) => this.troubles.push(trouble),
      ...rest,
    });
  }

  async start(): Promise<this> {
    Logger.overrideLogger(false);
    const module = {
      module: EventsModule,
      controllers: [EventsController],
      providers: [{ provide: Handler, useValue: new Handler(this.handle) }],
    };
    this.#app = await NestFactory.create(module, new FastifyAdapter());
    this.#app.connectMicroservice<MicroserviceOptions>({ strategy: this.server });
    await this.#app.startAllMicroservices();
    return this;
  }

  async close(): Promise<void> {
    await this.#app?.close();
  }
}
