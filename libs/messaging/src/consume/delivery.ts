import { Buffer } from 'node:buffer';
import { type Msg, nanos } from '@nats-io/transport-node';

const ACK = new TextEncoder().encode('+ACK');
const WORKING = new TextEncoder().encode('+WPI');
const TERM = new TextEncoder().encode('+TERM');

/**
 * One delivery of a message by JetStream, and the answers to it. Its facts are in the reply subject
 * `$JS.ACK.<stream>.<consumer>.<deliveries>.<sequence>.<consumer sequence>.<time>.<pending>`, to which the answers
 * go; where a domain is used, it has domain and account after `$JS.ACK`, and a random token at the end.
 *
 * Only the first of `ack`, `nak` and `term` is sent, so a handler that ends after its message was given back does no
 * harm.
 */
export class Delivery {
  readonly #message: Msg;
  #answered = false;
  #bytes: number | undefined;

  /** Of the message in its stream. */
  readonly sequence: number;
  /** From 1. */
  readonly deliveries: number;
  readonly stream: string;

  constructor(message: Msg) {
    this.#message = message;
    const tokens = (message.reply ?? '').split('.');
    const at = tokens.length > 9 ? 4 : 2;
    this.stream = tokens[at] ?? '';
    this.deliveries = Number(tokens[at + 2]);
    this.sequence = Number(tokens[at + 3]);
  }

  get subject(): string {
    return this.#message.subject;
  }

  /** The size that JetStream counts against the bytes of a request. */
  get bytes(): number {
    return (this.#bytes ??= bytesOf(this.#message));
  }

  get payload(): Uint8Array {
    return this.#message.data;
  }

  get headers(): Readonly<Record<string, readonly string[]>> {
    const named = Object.create(null) as Record<string, readonly string[]>;
    for (const [name, values] of this.#message.headers ?? []) named[name] = values;
    return named;
  }

  /** Done: never delivered again. */
  ack(): void {
    this.#answer(ACK);
  }

  /** Deliver it again, in `delayMs` milliseconds from now, 0 for at once. */
  nak(delayMs: number): void {
    const delayed = delayMs > 0 ? `-NAK {"delay":${nanos(delayMs)}}` : '-NAK';
    this.#answer(new TextEncoder().encode(delayed));
  }

  /** Given up: never delivered again. */
  term(): void {
    this.#answer(TERM);
  }

  /** The handler is still at work: the time until the next delivery begins anew. */
  working(): void {
    if (!this.#answered) this.#message.respond(WORKING);
  }

  #answer(answer: Uint8Array): void {
    if (this.#answered) return;
    this.#answered = true;
    this.#message.respond(answer);
  }
}

/** "NATS/1.0\r\n" before the headers and "\r\n" after them. */
const HEADER_FRAME_BYTES = 12;
/** ": " and "\r\n" in each line. */
const HEADER_LINE_BYTES = 4;

function bytesOf({ subject, reply = '', headers, data }: Msg): number {
  let bytes = subject.length + reply.length + data.length;
  if (headers === undefined) return bytes;
  bytes += HEADER_FRAME_BYTES;
  for (const [name, values] of headers) {
    for (const value of values) {
      bytes += name.length + Buffer.byteLength(value) + HEADER_LINE_BYTES;
    }
  }
  return bytes;
}
