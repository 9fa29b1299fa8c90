import { type JsonLimits, type ParsedJson, parseJsonBytes } from '@app/json';
import { BodyOutOfBoundsError } from './errors.js';

export interface EventLimits extends JsonLimits {
  /** Events in one batch. */
  readonly batchEventsMax: number;
}

/** No answer lists more problems than this, however many there are. */
export const PROBLEMS_MAX = 100;

/**
 * Members of one envelope, its data being one. Not those that data may have: each attribute is
 * checked by itself, which costs far more than a member, and no event of a real sender has fifty.
 */
export const ATTRIBUTES_MAX = 250;

/** Members that the envelopes of one event or a batch may add, in a text that is still parsed. */
const ENVELOPE_MEMBERS_MAX = 1_000;

/**
 * Up to these bounds a text is parsed, so that whoever sent it hears which event and what in its data
 * passed the bound of that. What is beyond them would cost memory for nothing. Nesting need not be
 * bounded for that: each level is a member, too.
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
