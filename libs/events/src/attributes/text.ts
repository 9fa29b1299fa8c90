/** By far the most values are this, and it is the quicker of the two to test. */
const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;

/** Control characters, surrogates outside a pair (`u` reads pairs as one), and noncharacters. */
const FORBIDDEN = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u;

/** Whether `text` is a `String` of CloudEvents 1.0.2, section 2.2. */
export function isAttributeText(text: string): boolean {
  return PRINTABLE_ASCII.test(text) || !FORBIDDEN.test(text);
}
