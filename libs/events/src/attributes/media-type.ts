const TOKEN = "[!#$%&'*+.^_`|~\\w-]+";
const QUOTED = String.raw`"(?:[^"\\]|\\.)*"`;
const PARAMETERS = String.raw`(?:[ \t]*;[ \t]*(?:${TOKEN}=(?:${TOKEN}|${QUOTED}))?)*`;

const MEDIA_TYPE = new RegExp(`^[ \t]*(${TOKEN}/${TOKEN})(${PARAMETERS})[ \t]*$`);
const PARAMETER = new RegExp(`;[ \t]*(${TOKEN})=(${TOKEN}|${QUOTED})`, 'g');

/** A content type taken apart; both parts in lower case. */
export interface MediaType {
  /** `type/subtype`. */
  readonly essence: string;
  readonly charset?: string;
}

const JSON_TYPE: MediaType = { essence: 'application/json' };

/** RFC 2045, section 5.1. Undefined when `text` is no media type. */
export function parseMediaType(text: string): MediaType | undefined {
  if (text === JSON_TYPE.essence) return JSON_TYPE;
  const match = MEDIA_TYPE.exec(text);
  const essence = match?.[1]?.toLowerCase();
  if (essence === undefined) return undefined;

  const parameters = match?.[2] ?? '';
  const charset = parameters === '' ? undefined : charsetIn(parameters);
  return charset === undefined ? { essence } : { essence, charset };
}

/** Of the parameters, which are matched one after the other: a quoted one may hold anything. */
function charsetIn(parameters: string): string | undefined {
  for (const [, name, value] of parameters.matchAll(PARAMETER)) {
    if (name?.toLowerCase() === 'charset') return value?.replaceAll('"', '').toLowerCase();
  }
  return undefined;
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

/** Whether the charset is UTF-8; said or, without a word, meant. */
export function isUtf8Type({ charset }: MediaType): boolean {
  return charset === undefined || charset === 'utf-8' || charset === 'utf8';
}
