/** A message that was given up, with all that is known of it. */
export interface DeadMessage {
  readonly stream: string;
  readonly subject: string;
  /** Of the message in its stream. */
  readonly sequence: number;
  readonly deliveries: number;
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly payload: Uint8Array;
  /** Of the error that was the reason; see docs/errors.md. */
  readonly code: string;
  readonly reason: string;
}

/** Where messages that were given up are kept. */
export abstract class DeadLetterSink {
  /**
   * Keeps it; the message leaves JetStream when this resolves, and is delivered again when it
   * rejects. The same message (by stream and sequence) may come more than once.
   */
  abstract keep(message: DeadMessage): Promise<void>;
}
