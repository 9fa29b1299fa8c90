/** A message that could not be processed, with its headers and payload as they came. */
export interface DeadLetter {
  readonly id: string;
  readonly stream: string;
  readonly subject: string;
  /** The sequence number of the message in its stream. */
  readonly sequence: number;
  readonly deliveries: number;
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly payload: Uint8Array;
  /** The error code of why it failed; docs/errors.md lists them. */
  readonly code: string;
  readonly reason: string;
  /** In milliseconds since 1970. */
  readonly at: number;
  /** Whether it may be deleted: its event is stored elsewhere, or it is no valid message at all. */
  readonly dispensable: boolean;
}

/** The bounds of all dead letters together. */
export interface DeadLetterBounds {
  readonly lettersMax: number;
  readonly bytesMax: number;
}

export interface DeadLetterTotals {
  readonly letters: number;
  readonly bytes: number;
}

/** The letters and bytes beyond the bounds, negative for a bound that is kept; undefined if both are. */
export function excess(
  { letters, bytes }: DeadLetterTotals,
  { lettersMax, bytesMax }: DeadLetterBounds,
): DeadLetterTotals | undefined {
  const over = { letters: letters - lettersMax, bytes: bytes - bytesMax };
  return over.letters > 0 || over.bytes > 0 ? over : undefined;
}

export abstract class DeadLetterStore {
  /** Stores a letter. Has no effect if one with its id is stored. */
  abstract add(letter: DeadLetter): Promise<void>;

  /** The number and bytes of all letters, by the counters of the database. */
  abstract totals(): Promise<DeadLetterTotals>;

  /**
   * Deletes the oldest dispensable letters while the bounds are exceeded. Other letters stay, even beyond the bounds,
   * because their messages exist nowhere else.
   * @returns the number of deleted letters
   */
  abstract trim(bounds: DeadLetterBounds): Promise<number>;

  /** The newest letters, newest first; `limit` from 1 to 100. */
  abstract list(limit: number): Promise<readonly DeadLetter[]>;
}
