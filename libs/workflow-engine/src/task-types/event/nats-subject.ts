import { type JsonValue } from '@app/json';
import { NATS_SUBJECT_CHARS_MAX } from '../../bounds.js';
import { textOf } from '../../json.js';
import { type JoinedText, type TextPart } from '../../parameters/text-part.js';

/** Tokens with dots between them: no wildcard, no blank, nothing that ends a line of the protocol. */
const SUBJECT = /^[^.*>\s\p{Cc}]+(?:\.[^.*>\s\p{Cc}]+)*$/u;
const PART_OF_TOKEN = /^[^.*>\s\p{Cc}]*$/u;

export function readSubject(value: JsonValue): string | undefined {
  if (typeof value !== 'string' || value.length > NATS_SUBJECT_CHARS_MAX) return undefined;
  return SUBJECT.test(value) ? value : undefined;
}

/** Puts a subject together in which a value stays within its token. */
export function joinSubject(parts: readonly TextPart[]): JoinedText {
  let subject = '';
  for (const part of parts) {
    const text = typeof part === 'string' ? part : textOf(part.value);
    if (typeof part !== 'string' && !PART_OF_TOKEN.test(text)) {
      const detail = 'would be more than a part of one token of the subject';
      return { kind: 'invalid', reference: part.reference, detail };
    }
    subject += text;
  }
  return { kind: 'text', text: subject };
}
