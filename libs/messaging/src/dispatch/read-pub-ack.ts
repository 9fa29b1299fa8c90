/** Where a stream keeps a message. */
export interface StoredMessage {
  readonly stream: string;
  readonly sequence: number;
  /** Whether the stream had it before, by its message id. */
  readonly duplicate: boolean;
}

/** The answer of JetStream to a publication. */
export type PubAckAnswer =
  | { readonly kind: 'stored'; readonly message: StoredMessage }
  | { readonly kind: 'no-stream'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string; readonly errCode?: number };

/** The status of the server's reply when a subject has no listener. */
const NO_RESPONDERS = 503;

const decoder = new TextDecoder();

/**
 * Reads the reply to a publication. A duplicate counts as stored, because it is; a reply that is no valid
 * acknowledgement is a rejection.
 */
export function readPubAck(status: number, payload: Uint8Array): PubAckAnswer {
  if (status === NO_RESPONDERS) return { kind: 'no-stream', reason: 'no stream takes the subject' };
  const text = decoder.decode(payload);
  const answer = parse(text);
  if (typeof answer !== 'object' || answer === null) return refused(text);
  if ('error' in answer)
    return { ...refused(JSON.stringify(answer.error)), ...errCodeOf(answer.error) };
  return 'seq' in answer ? { kind: 'stored', message: storedIn(answer) } : refused(text);
}

function storedIn(answer: {
  readonly seq: unknown;
  readonly stream?: unknown;
  readonly duplicate?: unknown;
}): StoredMessage {
  const { seq, stream, duplicate } = answer;
  const name = typeof stream === 'string' ? stream : '';
  return { stream: name, sequence: Number(seq), duplicate: duplicate === true };
}

function refused(answer: string): PubAckAnswer {
  return { kind: 'refused', reason: `JetStream answered ${answer.slice(0, 200)}` };
}

function errCodeOf(error: unknown): { readonly errCode?: number } {
  if (typeof error !== 'object' || error === null || !('err_code' in error)) return {};
  return typeof error.err_code === 'number' ? { errCode: error.err_code } : {};
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
