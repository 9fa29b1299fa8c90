import { Buffer, isUtf8 } from 'node:buffer';
import { type JsonLimits, type JsonValue, parseJson, parseJsonWithin } from '@app/json';
import { BodyNotJsonError, BodyOutOfBoundsError } from '../errors.js';

/** JSON as it was sent, beside what it says. */
export interface ParsedJson {
  readonly text: string;
  readonly value: JsonValue;
}

const BYTE_ORDER_MARK = '\uFEFF';
const POSITION = / at position (\d+)/;

/** Undefined when the bytes are not UTF-8 (overlong forms and surrogates are not). */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  if (!isUtf8(bytes)) return undefined;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

/**
 * A byte order mark at the beginning is ignored, as RFC 8259, section 8.1 allows, and is not part
 * of the text that is kept. What is beyond `limits` is not parsed; without them nothing is.
 *
 * @throws BodyNotJsonError
 * @throws BodyOutOfBoundsError
 */
export function parseJsonBytes(bytes: Uint8Array, limits: JsonLimits | undefined): ParsedJson {
  const source = decodeUtf8(bytes);
  if (source === undefined) throw new BodyNotJsonError('it is not valid UTF-8');
  const text = source.startsWith(BYTE_ORDER_MARK) ? source.slice(1) : source;
  if (text === '') throw new BodyNotJsonError('it is empty');
  return { text, value: valueOf(text, limits) };
}

function valueOf(text: string, limits: JsonLimits | undefined): JsonValue {
  try {
    if (limits === undefined) return parseJson(text);
    const parse = parseJsonWithin(text, limits);
    if (parse.kind === 'parsed') return parse.value;
    throw new BodyOutOfBoundsError([{ path: '', detail: parse.detail }]);
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
