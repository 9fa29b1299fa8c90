import { type JsonLimits, type ParsedJson, parseJsonBytes } from '@app/json';
import { BodyOutOfBoundsError } from './errors.js';

export interface EventLimits extends JsonLimits {
  /** Events in one batch. */
  readonly batchEventsMax: number;
}

/** No answer lists more problems than this. */
export const PROBLEMS_MAX = 100;

/**
 * Members of one envelope; its data counts as one. Each attribute is checked by itself, which costs far more than a
 * member of the data, and no event of a real sender has fifty attributes.
 */
export const ATTRIBUTES_MAX = 250;

/** Members that the envelopes of an event or a batch may add to those of the data in a text that is still parsed. */
const ENVELOPE_MEMBERS_MAX = 1_000;

/**
 * The bounds of a text that is parsed at all. They are wider than the bounds of its data, so that the answer can name
 * the event and the place in its data that is out of bounds; a text beyond them would only cost memory. Nesting needs
 * no bound of its own here, because each level is a member.
 */
export function textLimits({ membersMax }: JsonLimits, events = 1): JsonLimits {
  return { nestingMax: Infinity, membersMax: 2 * membersMax * events + ENVELOPE_MEMBERS_MAX };
}

/**
 * @throws BodyNotJsonError
 * @throws BodyOutOfBoundsError
 */
export function parseWithin(bytes: Uint8Array, limits: JsonLimits | undefined): ParsedJson {
  const parse = parseJsonBytes(bytes, limits);
  if (parse.kind === 'parsed') return parse;
  throw new BodyOutOfBoundsError([{ path: '', detail: parse.detail }]);
}
