import { Buffer } from 'node:buffer';
import { verifyNotice, signNotice, type SigningKeys } from '@app/signing';
import { headers as natsHeaders, type Msg, type Subscription } from '@nats-io/transport-node';
import { type NatsLink } from './nats-link.js';

export interface SignedNoticeOptions {
  readonly namespace: string;
  /** Sign each notice; a notice without a valid signature is ignored. */
  readonly keys: SigningKeys;
  /** How old a notice may be. */
  readonly ageMsMax: number;
}

/**
 * Sends an id to every process over core NATS: nothing is stored, and nothing is sent while the link is down. The id
 * is the last token of the subject, a short text may follow as payload, and a signature authenticates both.
 */
export class NatsBroadcast {
  readonly #link: NatsLink;
  /** The subject without its last token; ends with a dot. */
  readonly #prefix: string;

  /** @param subjectOf the subject of an id, which is its last token */
  constructor(
    link: NatsLink,
    subjectOf: (namespace: string, id: string) => string,
    private readonly options: SignedNoticeOptions,
  ) {
    this.#link = link;
    this.#prefix = subjectOf(options.namespace, '');
  }

  get available(): boolean {
    return this.#link.available;
  }

  /** Never throws: the caller has already stored what the notice is about. */
  publish(id: string, said = ''): void {
    if (!this.#link.available) return;
    const subject = this.#prefix + id;
    const headers = natsHeaders();
    const payload = Buffer.from(said);
    const signed = signNotice(this.options.keys, { subject, payload }, Date.now());
    for (const [name, value] of Object.entries(signed)) headers.set(name, value);
    try {
      this.#link.connection.publish(subject, payload, { headers });
    } catch {
      // The connection is being closed, or the id is no valid token of a subject: no process gets it.
    }
  }

  /**
   * Subscribes once there is a connection; the client library renews it at each reconnect.
   * @param concerns called before the signature is verified: a notice that concerns no activity here costs almost
   *   nothing
   */
  subscribe(
    onId: (id: string, said: string) => void,
    concerns: (id: string) => boolean = () => true,
  ): () => void {
    let subscription: Subscription | undefined;
    const subscribeOnce = (): void => {
      if (!this.#link.available || subscription !== undefined) return;
      subscription = this.#subscribe(onId, concerns);
    };
    const unobserve = this.#link.onChange(subscribeOnce);
    subscribeOnce();
    return () => {
      unobserve();
      subscription?.unsubscribe();
    };
  }

  #subscribe(
    onId: (id: string, said: string) => void,
    concerns: (id: string) => boolean,
  ): Subscription {
    return this.#link.connection.subscribe(`${this.#prefix}*`, {
      callback: (error, message) => {
        if (error !== null) return;
        const id = message.subject.slice(this.#prefix.length);
        if (concerns(id) && this.#isOurs(message)) onId(id, message.string());
      },
    });
  }

  #isOurs({ subject, data: payload, headers }: Msg): boolean {
    const { keys, ageMsMax } = this.options;
    const headerOf = (name: string): string => headers?.get(name) ?? '';
    return verifyNotice(keys, { subject, payload }, headerOf, Date.now(), ageMsMax);
  }
}
