import { type Buffer } from 'node:buffer';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = new Set([0x7b, 0x5b]);
const CLOSE = new Set([0x7d, 0x5d]);
const COMMA = 0x2c;

const TOKEN_FIELD = /(?:^|&)access_token=([^&]+)&/;

/**
 * Finds the string members with one of `names` at the top of a JSON object of which only the first bytes are known. The result is a
 * guess that serves to authorize early and nothing else: the text is not parsed, so the rest may not be JSON or may
 * repeat a member. One pass, no recursion.
 */
export function textsInPrefix(
  prefix: Buffer,
  names: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  let key: string | undefined;
  let depth = 0;
  for (let at = 0; at < prefix.length; at += 1) {
    const code = prefix[at] ?? 0;
    if (OPEN.has(code)) depth += 1;
    else if (CLOSE.has(code)) depth -= 1;
    else if (code === COMMA && depth === 1) key = undefined;
    if (code !== QUOTE) continue;
    const end = stringEnd(prefix, at);
    if (end === undefined) break;
    if (depth === 1 && (key === undefined || names.has(key))) {
      const text = textIn(prefix.subarray(at, end + 1));
      if (text === undefined) break;
      if (key === undefined) key = text;
      else texts.set(key, text);
    }
    at = end;
  }
  return texts;
}

/** The field `access_token` of a form, if it is complete in the form's prefix. */
export function formTokenInPrefix(prefix: Buffer): string | undefined {
  const field = TOKEN_FIELD.exec(prefix.toString('latin1'))?.[1];
  if (field === undefined) return undefined;
  return new URLSearchParams(`token=${field}`).get('token') ?? undefined;
}

/** The index of the closing quote of the string that begins at `start`. */
function stringEnd(bytes: Buffer, start: number): number | undefined {
  for (let at = start + 1; at < bytes.length; at += 1) {
    if (bytes[at] === BACKSLASH) at += 1;
    else if (bytes[at] === QUOTE) return at;
  }
  return undefined;
}

function textIn(quoted: Buffer): string | undefined {
  try {
    return JSON.parse(quoted.toString('utf8')) as string;
  } catch {
    return undefined;
  }
}
