// RFC 3986, appendix A. Classes hold `%` as a plain character, and what follows it is checked apart:
// so no class repeats inside a repetition, and matching takes linear time.
const SCHEME = String.raw`[A-Za-z][A-Za-z\d+.-]*:`;
const USER_INFO = String.raw`[\w.~!$&'()*+,;=:%-]*@`;
const IP_LITERAL = String.raw`\[(?:[\dA-Fa-f:.]+|v[\dA-Fa-f]+\.[\w.~!$&'()*+,;=:-]+)\]`;
const NAME = String.raw`[\w.~!$&'()*+,;=%-]*`;
const AUTHORITY = String.raw`(?:${USER_INFO})?(?:${IP_LITERAL}|${NAME})(?::\d*)?`;
const PATH = String.raw`[\w.~!$&'()*+,;=:@%/-]*`;
const QUERY = String.raw`[\w.~!$&'()*+,;=:@%/?-]*`;
const HIERARCHY = String.raw`(?://${AUTHORITY}(?:/${PATH})?|(?!//)${PATH})(?:\?${QUERY})?`;

/** In a reference without a scheme the first segment has no colon. */
const NO_COLON_IN_FIRST_SEGMENT = '(?![^/?#]*:)';

const ABSOLUTE_URI = new RegExp(`^${SCHEME}${HIERARCHY}$`);
const URI_REFERENCE = new RegExp(
  `^(?:${SCHEME}|${NO_COLON_IN_FIRST_SEGMENT})${HIERARCHY}(?:#${QUERY})?$`,
);
const BROKEN_ESCAPE = /%(?![\dA-Fa-f]{2})/;

/** RFC 3986, section 4.3: with a scheme and, to the letter, without a fragment. */
export function isAbsoluteUri(text: string): boolean {
  return ABSOLUTE_URI.test(text) && !BROKEN_ESCAPE.test(text);
}

/** RFC 3986, section 4.1; ASCII only. The empty reference is one. */
export function isUriReference(text: string): boolean {
  return URI_REFERENCE.test(text) && !BROKEN_ESCAPE.test(text);
}
