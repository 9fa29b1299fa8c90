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
  /** Nothing is lost with it: its event is on record, or it could never be one. */
  readonly dispensable: boolean;
}

/** How much all letters may be together. */
export interface DeadLetterBounds {
  readonly lettersMax: number;
  readonly bytesMax: number;
}

export interface DeadLetterTotals {
  readonly letters: number;
  readonly bytes: number;
}

/** By how much the letters are beyond their bounds; undefined while they are within. */
export function excess(
  { letters, bytes }: DeadLetterTotals,
  { lettersMax, bytesMax }: DeadLetterBounds,
): DeadLetterTotals | undefined {
  const over = { letters: letters - lettersMax, bytes: bytes - bytesMax };
  return over.letters > 0 || over.bytes > 0 ? over : undefined;
}

export abstract class DeadLetterStore {
  /** Keeps it; again under the same id changes nothing. */
  abstract add(letter: DeadLetter): Promise<void>;

  /** How much is kept, as MongoDB's own counters have it. */
  abstract totals(): Promise<DeadLetterTotals>;

  /**
   * Beyond the bounds lets the oldest go that are dispensable, and nothing else: what exists nowhere
   * but here stays, however much it is.
   * @returns how many went
   */
  abstract trim(bounds: DeadLetterBounds): Promise<number>;

  /** Newest first; `limit` 1 to 100. */
  abstract list(limit: number): Promise<readonly DeadLetter[]>;
}
