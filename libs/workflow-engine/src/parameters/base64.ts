const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** A text as padded base64 (RFC 4648, section 4) of its UTF-8. A lone surrogate is encoded as U+FFFD. */
export function base64Of(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const groups: string[] = [];
  for (let at = 0; at < bytes.length; at += 3) {
    const [first = 0, second = 0, third = 0] = bytes.subarray(at, at + 3);
    const bits = (first << 16) | (second << 8) | third;
    const digits = [bits >> 18, bits >> 12, bits >> 6, bits].map((six) => ALPHABET[six & 63] ?? '');
    const given = Math.min(3, bytes.length - at) + 1;
    groups.push(digits.slice(0, given).join('').padEnd(4, '='));
  }
  return groups.join('');
}
