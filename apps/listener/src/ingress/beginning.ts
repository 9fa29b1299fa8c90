import { type Buffer } from 'node:buffer';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = new Set([0x7b, 0x5b]);
const CLOSE = new Set([0x7d, 0x5d]);
const COMMA = 0x2c;

const TOKEN_FIELD = /(?:^|&)access_token=([^&]+)&/;

/**
 * Those members of a JSON object with one of `names` that are texts, as far as its beginning tells. It
 * is a guess about text that nobody has parsed yet, good for judging early and for nothing else: the
 * rest may not be JSON, or have a member of the same name again. One pass, no recursion.
 */
export function textsAtBeginning(
  beginning: Buffer,
  names: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  let key: string | undefined;
  let depth = 0;
  for (let at = 0; at < beginning.length; at += 1) {
    const code = beginning[at] ?? 0;
    if (OPEN.has(code)) depth += 1;
    else if (CLOSE.has(code)) depth -= 1;
    else if (code === COMMA && depth === 1) key = undefined;
    if (code !== QUOTE) continue;
    const end = stringEnd(beginning, at);
    if (end === undefined) break;
    if (depth === 1 && (key === undefined || names.has(key))) {
      const text = textIn(beginning.subarray(at, end + 1));
      if (text === undefined) break;
      if (key === undefined) key = text;
      else texts.set(key, text);
    }
    at = end;
  }
  return texts;
}

/** The field `access_token` of a form, if the beginning has the whole of it. */
export function formTokenAtBeginning(beginning: Buffer): string | undefined {
  const field = TOKEN_FIELD.exec(beginning.toString('latin1'))?.[1];
  if (field === undefined) return undefined;
  return new URLSearchParams(`token=${field}`).get('token') ?? undefined;
}

/** Where its closing quote is. */
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
