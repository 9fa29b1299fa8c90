import {
  type Msg,
  type MsgHdrs,
  type NatsConnection,
  type Subscription,
} from '@nats-io/transport-node';

interface Publication {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  readonly deadline: number;
}

interface Outgoing {
  readonly number: string;
  readonly subject: string;
  readonly payload: string;
  readonly headers: MsgHdrs;
}

const NO_RESPONDERS = 503;

/**
 * Publishes messages and waits until JetStream has acknowledged each. All messages share one inbox and one timer, and
 * those of one turn of the event loop share one write. That is cheaper than requests of the NATS client, each of which
 * has a timer, an error object and a write of its own.
 */
export class StoredPublisher {
  readonly #inFlight = new Map<string, Publication>();
  readonly #sweep: NodeJS.Timeout;
  #replies: Subscription;
  #unsent: Outgoing[] = [];
  #count = 0;

  /**
   * @param inbox the subject prefix of the acknowledgements; only this object may subscribe to it
   * @param msMax how long an acknowledgement may take, in milliseconds
   */
  constructor(
    private readonly connection: NatsConnection,
    private readonly inbox: string,
    private readonly msMax: number,
  ) {
    this.#replies = this.#listen();
    this.#sweep = setInterval(() => {
      this.#rejectOverdue();
    }, msMax / 4).unref();
  }

  /** @throws Error if JetStream did not acknowledge the message within `msMax` */
  publish(subject: string, payload: string, headers: MsgHdrs): Promise<void> {
    if (this.#replies.isClosed()) this.#replies = this.#listen();
    const number = (this.#count += 1).toString(36);
    return new Promise((resolve, reject) => {
      const deadline = performance.now() + this.msMax;
      this.#inFlight.set(number, { resolve, reject, deadline });
      if (this.#unsent.push({ number, subject, payload, headers }) > 1) return;
      setImmediate(() => {
        this.#send();
      });
    });
  }

  /** Nobody answers what is on its way. */
  rejectAll(error: Error): void {
    this.#unsent = [];
    for (const number of [...this.#inFlight.keys()]) this.#take(number)?.reject(error);
  }

  close(): void {
    clearInterval(this.#sweep);
    this.rejectAll(new Error('The connection to NATS is closed'));
  }

  #listen(): Subscription {
    return this.connection.subscribe(`${this.inbox}.*`, {
      callback: (error, reply) => {
        if (!error) this.#hear(reply);
      },
    });
  }

  #send(): void {
    const unsent = this.#unsent;
    this.#unsent = [];
    for (const { number, subject, payload, headers } of unsent) {
      try {
        this.connection.publish(subject, payload, { headers, reply: `${this.inbox}.${number}` });
      } catch (error) {
        this.#take(number)?.reject(error as Error);
      }
    }
  }

  #hear(reply: Msg): void {
    const publication = this.#take(reply.subject.slice(this.inbox.length + 1));
    if (!publication) return;
    const problem = problemIn(reply);
    if (problem === undefined) publication.resolve();
    else publication.reject(new Error(`JetStream refused the message: ${problem}`));
  }

  #rejectOverdue(): void {
    const now = performance.now();
    for (const [number, { deadline }] of this.#inFlight) {
      if (deadline > now) return;
      this.#take(number)?.reject(new Error(`JetStream did not answer within ${this.msMax} ms`));
    }
  }

  #take(number: string): Publication | undefined {
    const publication = this.#inFlight.get(number);
    this.#inFlight.delete(number);
    return publication;
  }
}

function problemIn(reply: Msg): string | undefined {
  if (reply.headers?.code === NO_RESPONDERS) return 'no stream has its subject';
  try {
    const { error } = reply.json<{ readonly error?: { readonly description?: string } }>();
    return error && (error.description ?? 'no reason given');
  } catch (error) {
    return String(error);
  }
}
