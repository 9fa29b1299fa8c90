/** A message that could not be worked on, kept with its bytes so that nothing is lost. */
export interface DeadLetter {
  readonly id: string;
  readonly stream: string;
  readonly subject: string;
  /** JetStream's sequence in the stream. */
  readonly sequence: number;
  readonly deliveries: number;
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly payload: Uint8Array;
  /** Of docs/errors.md. */
  readonly code: string;
  readonly reason: string;
  readonly at: number;
}

export abstract class DeadLetterStore {
  /** Keeps it; again under the same id changes nothing. */
  abstract add(letter: DeadLetter): Promise<void>;

  /** Newest first; `limit` 1 to 100. */
  abstract list(limit: number): Promise<readonly DeadLetter[]>;
}
