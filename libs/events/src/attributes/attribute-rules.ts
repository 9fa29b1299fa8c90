import { type AttributeValue } from '../event/cloud-event.js';
import { parseMediaType } from './media-type.js';
import { isTimestamp } from './timestamp.js';
import { isAbsoluteUri, isUriReference } from './uri.js';

/** Says what is wrong with a value; nothing when it is right. */
type Rule = (value: unknown) => string | undefined;

export type CoreAttribute =
  'specversion' | 'id' | 'source' | 'type' | 'subject' | 'time' | 'datacontenttype' | 'dataschema';

export const REQUIRED_ATTRIBUTES = ['specversion', 'id', 'source', 'type'] as const;

const CORE_RULES: ReadonlyMap<string, Rule> = new Map<CoreAttribute, Rule>([
  ['specversion', (value) => (value === '1.0' ? undefined : 'must be "1.0" (or "0.3")')],
  ['id', text],
  ['source', textThat(isUriReference, 'must be a URI-reference in ASCII (RFC 3986)')],
  ['type', text],
  ['subject', text],
  ['time', textThat(isTimestamp, 'must be a timestamp with an offset or "Z" (RFC 3339)')],
  [
    'datacontenttype',
    textThat((value) => parseMediaType(value) !== undefined, 'must be a media type (RFC 2046)'),
  ],
  ['dataschema', textThat(isAbsoluteUri, 'must be an absolute URI without fragment (RFC 3986)')],
]);

const NAME = /^[a-z0-9]+$/;
const INTEGER_MIN = -(2 ** 31);
const INTEGER_MAX = 2 ** 31 - 1;

export function isCoreAttribute(name: string): name is CoreAttribute {
  return CORE_RULES.has(name);
}

/** What is wrong with a core attribute; CloudEvents 1.0.2, sections 3.1 and 3.2. */
export function coreProblem(name: CoreAttribute, value: unknown): string | undefined {
  return CORE_RULES.get(name)?.(value);
}

/** What is wrong with the name or value of an extension; sections 2.1, 2.2 and 3.3. */
export function extensionProblem(name: string, value: unknown): string | undefined {
  if (!NAME.test(name)) return 'is not a name of an attribute: use a-z and 0-9 only';
  if (name === 'data') return 'is not a name of an attribute: it is reserved';
  if (isAttributeValue(value)) return undefined;
  return typeof value === 'string'
    ? FORBIDDEN_CHARACTERS
    : 'must be a string, a boolean or an integer of 32 bits';
}

export function isAttributeValue(value: unknown): value is AttributeValue {
  if (typeof value === 'string') return isAttributeText(value);
  if (typeof value === 'boolean') return true;
  return Number.isInteger(value) && Number(value) >= INTEGER_MIN && Number(value) <= INTEGER_MAX;
}

const FORBIDDEN_CHARACTERS =
  'must not contain control characters, noncharacters or unpaired surrogates';

function text(value: unknown): string | undefined {
  if (typeof value !== 'string') return 'must be a string';
  if (value === '') return 'must not be empty';
  return isAttributeText(value) ? undefined : FORBIDDEN_CHARACTERS;
}

function textThat(holds: (value: string) => boolean, otherwise: string): Rule {
  return (value) => text(value) ?? (holds(value as string) ? undefined : otherwise);
}

/** By far the most values are this, and it is the quicker of the two to test. */
const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;

/** Control characters, surrogates outside a pair (`u` reads pairs as one), and noncharacters. */
const FORBIDDEN = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u;

/** Whether `text` is a `String` of CloudEvents 1.0.2, section 2.2. */
export function isAttributeText(text: string): boolean {
  return PRINTABLE_ASCII.test(text) || !FORBIDDEN.test(text);
}
