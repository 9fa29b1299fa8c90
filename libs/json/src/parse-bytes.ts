import { type JsonLimits } from './json-limits.js';
import { type JsonValue } from './json-value.js';
import { parseJsonWithin } from './parse-json.js';
import { FlowError } from '@app/errors';

/** Bytes that should be JSON are not. Neither the message nor a cause repeats any of them. */
export class BodyNotJsonError extends FlowError {
  readonly code = 'BODY_NOT_JSON';
  readonly kind = 'invalid';

  constructor(readonly reason: string) {
    super(`The body is not JSON: ${reason}`);
  }
}

/** JSON as it was sent, beside what it says. */
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
/** Each program on the way may have written one. */
const BYTE_ORDER_MARKS = /^\uFEFF+/;
const POSITION = / at position (\d+)/;

/** Undefined when the bytes are not UTF-8 (overlong forms and surrogates are not). */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * JSON that came as bytes. Byte order marks at the beginning are ignored, as RFC 8259, section 8.1
 * allows, and are not part of the text that is kept. What is beyond `limits` is not parsed; without them
 * nothing is beyond.
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

/** Only the position: the rest of V8's message quotes the text. */
function syntaxProblem({ message }: SyntaxError): string {
  const position = POSITION.exec(message)?.[1];
  return position === undefined ? 'syntax error' : `syntax error at character ${position}`;
}
