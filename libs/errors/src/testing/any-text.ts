import fc from 'fast-check';

/** What has a meaning where a text is put into another one: a JSON text, a template, a replacement, a URL. */
const SYNTAX = ['"', '\\', '\n', '$', '$$', '$&', '$(', '%', '&', '{', '}', ','];

const character = fc
  .oneof(
    fc.integer({ min: 0, max: 0x7f }),
    fc.integer({ min: 0x80, max: 0xd7ff }),
    fc.integer({ min: 0xe000, max: 0x10ffff }),
  )
  .map((codePoint) => String.fromCodePoint(codePoint));
const unit = fc.oneof({ arbitrary: character, weight: 3 }, fc.constantFrom(...SYNTAX));

/**
 * Text of any Unicode characters; a quarter of them are ASCII, and a quarter has a meaning in some syntax. It replaces fast-check's unit `binary`, which builds a
 * table of all code points first: half a second in each test file.
 */
export function anyText(
  constraints: { readonly minLength?: number; readonly maxLength?: number } = {},
): fc.Arbitrary<string> {
  return fc.string({ ...constraints, unit });
}
