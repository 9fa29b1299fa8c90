import { type NatsConnection, connect, headers as natsHeaders } from '@nats-io/transport-node';
import { jetstreamManager } from '@nats-io/jetstream';

/** An internal service that publishes events by itself, as far as NATS sees it. */
export class NatsPublisher {
  private constructor(private readonly connection: NatsConnection) {}

  static async connect(url: string): Promise<NatsPublisher> {
    return new NatsPublisher(await connect({ servers: url }));
  }

  /** Resolves when a stream has the message. */
  async publish(
    subject: string,
    payload: string | Uint8Array,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const sent = natsHeaders();
    for (const [name, value] of Object.entries(headers)) sent.set(name, value);
    await this.connection.request(subject, payload, { timeout: 5_000, headers: sent });
  }

  /** How many messages there are in a stream, done or not. */
  async messagesIn(stream: string): Promise<number> {
    const { streams } = await jetstreamManager(this.connection);
    return (await streams.info(stream)).state.messages;
  }

  /** The sequence of the last message that a stream has got. */
  async lastIn(stream: string): Promise<number> {
    const { streams } = await jetstreamManager(this.connection);
    return (await streams.info(stream)).state.last_seq;
  }

  /** The sequence of the last message of a stream that its consumers were given. */
  async deliveredOf(stream: string): Promise<number> {
    const { consumers } = await jetstreamManager(this.connection);
    const all = await consumers.list(stream).next();
    return Math.max(0, ...all.map(({ delivered }) => delivered.stream_seq));
  }

  async close(): Promise<void> {
    await this.connection.close();
  }
}
