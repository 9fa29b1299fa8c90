import { isJsonType, isTextType, type MediaType } from '@app/events';

const BOMS: readonly (readonly [label: string, bytes: readonly number[]])[] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16be', [0xfe, 0xff]],
  ['utf-16le', [0xff, 0xfe]],
];

/**
 * Decodes bytes as text, without a byte order mark: in the charset of the mark, else in the one that the media type names,
 * else in UTF-8. A charset that is unknown, or in which the bytes are not valid, is ignored. Undefined if the bytes are
 * not text.
 */
export function responseTextOf(bytes: Uint8Array, type: MediaType | undefined): string | undefined {
  const isText = type !== undefined && (isTextType(type) || isJsonType(type));
  const marked = isText ? BOMS.find(([, bom]) => bom.every((byte, at) => bytes[at] === byte)) : [];
  for (const label of [marked?.[0], type?.charset, 'utf-8']) {
    const text = label === undefined ? undefined : decoded(bytes, label);
    if (text !== undefined) return text;
  }
  return undefined;
}

function decoded(bytes: Uint8Array, label: string): string | undefined {
  try {
    const decoder = new TextDecoder(label, { fatal: true });
    return decoder.encoding === 'windows-1252' ? windows1252Of(bytes) : decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The characters of windows-1252 from 0x80 to 0x9f, where Latin 1 has control characters (Encoding Standard). */
const OF_WINDOWS =
  '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f' +
  '\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178';

/** On the web `ISO-8859-1` and `US-ASCII` mean windows-1252, too. Some versions of Node decode it as Latin 1. */
function windows1252Of(bytes: Uint8Array): string {
  const latin1 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  return latin1.replace(/[\u0080-\u009f]/g, (char) => OF_WINDOWS.charAt(char.charCodeAt(0) - 0x80));
}
