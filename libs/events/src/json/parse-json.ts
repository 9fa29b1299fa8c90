import { Buffer, isUtf8 } from 'node:buffer';
import { type JsonValue, parseJson as parse } from '@app/json';
import { BodyNotJsonError } from '../errors.js';

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

/** @throws BodyNotJsonError */
export function parseJsonBytes(bytes: Uint8Array): ParsedJson {
  const text = decodeUtf8(bytes);
  if (text === undefined) throw new BodyNotJsonError('it is not valid UTF-8');
  return parseJson(text);
}

/**
 * A byte order mark at the beginning is ignored, as RFC 8259, section 8.1 allows, and is not part
 * of the text that is kept.
 *
 * @throws BodyNotJsonError
 */
export function parseJson(source: string): ParsedJson {
  const text = source.startsWith(BYTE_ORDER_MARK) ? source.slice(1) : source;
  if (text === '') throw new BodyNotJsonError('it is empty');
  try {
    return { text, value: parse(text) };
  } catch (error) {
    throw new BodyNotJsonError(syntaxProblem(error));
  }
}

/** Only the position: the rest of V8's message quotes the text. */
function syntaxProblem(error: unknown): string {
  const position = error instanceof Error ? POSITION.exec(error.message)?.[1] : undefined;
  return position === undefined ? 'syntax error' : `syntax error at character ${position}`;
}
