import { type JsonLimits } from './json-limits.js';
import { type JsonValue } from './json-value.js';
import { parseJsonWithin } from './parse-json.js';
import { FlowError } from '@app/errors';

/** The bytes are not valid JSON. Neither the message nor a cause contains any of them, because they may be secret. */
export class BodyNotJsonError extends FlowError {
  readonly code = 'BODY_NOT_JSON';
  readonly kind = 'invalid';

  constructor(readonly reason: string) {
    super(`The body is not JSON: ${reason}`);
  }
}

/** A parsed JSON text, with the text itself; or the limit that it exceeds. */
export interface ParsedJson {
  readonly text: string;
  readonly value: JsonValue;
}

export type BytesParse =
  | ({ readonly kind: 'parsed' } & ParsedJson)
  /** `detail` names the bound and its setting. */
  | { readonly kind: 'beyond'; readonly detail: string };

const UNBOUNDED: JsonLimits = { nestingMax: Infinity, membersMax: Infinity };
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** There may be several, because each program on the way may add one. */
const BYTE_ORDER_MARKS = /^\uFEFF+/;
const POSITION = / at position (\d+)/;

/** The text of UTF-8 bytes; undefined when they are not valid UTF-8, also for overlong forms and surrogates. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * Parses JSON bytes in UTF-8. Byte order marks at the beginning are ignored, as RFC 8259, section 8.1, allows, and are
 * not part of the returned text. A text beyond `limits` is not parsed; without `limits` there is no limit.
 *
 * @throws BodyNotJsonError
 */
export function parseJsonBytes(bytes: Uint8Array, limits: JsonLimits = UNBOUNDED): BytesParse {
  const source = decodeUtf8(bytes);
  if (source === undefined) throw new BodyNotJsonError('it is not valid UTF-8');
  const text = source.replace(BYTE_ORDER_MARKS, '');
  if (text === '') throw new BodyNotJsonError('it is empty');
  try {
    const parse = parseJsonWithin(text, limits);
    return parse.kind === 'parsed' ? { kind: 'parsed', text, value: parse.value } : parse;
  } catch (error) {
    if (error instanceof SyntaxError) throw new BodyNotJsonError(syntaxProblem(error));
    throw error;
  }
}

/** Only the position is taken from V8's message, because the rest quotes the text. */
function syntaxProblem({ message }: SyntaxError): string {
  const position = POSITION.exec(message)?.[1];
  return position === undefined ? 'syntax error' : `syntax error at character ${position}`;
}
