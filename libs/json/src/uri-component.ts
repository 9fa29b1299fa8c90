/** Half of a surrogate pair: no character, so it has no UTF-8 form either. JSON can bring it all the same. */
const LONE_SURROGATE = /\p{Surrogate}/gu;

/** As `encodeURIComponent`, for any text: that one throws on half of a surrogate pair, which becomes U+FFFD here. */
export function uriComponent(text: string): string {
  // eslint-disable-next-line no-restricted-globals -- The one use that takes any text.
  return encodeURIComponent(text.replace(LONE_SURROGATE, '\ufffd'));
}
