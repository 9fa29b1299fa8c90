import { parse } from 'content-type';

/** A content type taken apart; both parts in lower case. */
export interface MediaType {
  /** `type/subtype`. */
  readonly essence: string;
  /** Absent if it is not given or empty. */
  readonly charset?: string;
}

const JSON_TYPE: MediaType = { essence: 'application/json' };
const ESSENCE = /^[!#$%&'*+.^`|~\w-]+\/[!#$%&'*+.^`|~\w-]+$/;
const QUOTES = /["']/g;

/** US-ASCII is the part of UTF-8 that it names. */
const UTF_8: ReadonlySet<string> = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii']);

/**
 * RFC 9110, section 8.3.1. Undefined when `text` has no type and subtype; parameters that are not
 * well-formed are passed over, as browsers and most servers do. The work is linear in the length:
 * `content-type` goes over the text once (Node's own `MIMEType` goes over a run of blanks as often
 * as it is long).
 */
export function parseMediaType(text: string): MediaType | undefined {
  if (text === JSON_TYPE.essence) return JSON_TYPE;
  const { type, parameters } = parse(text);
  if (!ESSENCE.test(type)) return undefined;
  // Some senders use single quotes, which the grammar does not know.
  const charset = (parameters['charset'] ?? '').replaceAll(QUOTES, '').toLowerCase();
  return charset === '' ? { essence: type } : { essence: type, charset };
}

/** CloudEvents JSON format, section 3.1.1: a subtype that is `json` or ends in `+json`. */
export function isJsonType(type: MediaType): boolean {
  return type.essence.endsWith('/json') || type.essence.endsWith('+json');
}

/** Whether bytes of this type are text that may be kept as a string. */
export function isTextType({ essence }: MediaType): boolean {
  return (
    essence.startsWith('text/') ||
    essence.endsWith('/xml') ||
    essence.endsWith('+xml') ||
    essence === 'application/x-www-form-urlencoded'
  );
}

/** Whether the charset is UTF-8 or a part of it, which is also the default. */
export function isUtf8Type({ charset }: MediaType): boolean {
  return charset === undefined || UTF_8.has(charset);
}
