import { type Problem } from '@app/errors';
import {
  coreProblem,
  extensionProblem,
  isAttributeValue,
  isCoreAttribute,
  REQUIRED_ATTRIBUTES,
  type CoreAttribute,
} from '../attributes/attribute-rules.js';
import { type AttributeValue, type CloudEvent, type RawEvent } from './cloud-event.js';
import { InvalidEventError } from '../errors.js';
import { PROBLEMS_MAX } from '../limits.js';
import { type CoreAttributes, makeEvent } from './make-event.js';
import { upgraded } from './upgrade-0-3.js';

export type EventCheck =
  | { readonly kind: 'valid'; readonly event: CloudEvent }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] };

const NAME_CHARACTERS_SHOWN_MAX = 64;

/** Checks every attribute; problems are in the order of the attributes as sent. */
export function checkEvent(raw: RawEvent): EventCheck {
  if (raw.attributes === undefined) return invalid(raw.problems);

  const problems = [...raw.problems];
  const core: Partial<Record<CoreAttribute, string>> = {};
  const extensions: Record<string, AttributeValue> = {};
  const attributes = upgraded(raw.attributes);
  for (const name of Object.keys(attributes)) {
    const value = attributes[name];
    if (value === null || value === undefined) continue;
    const detail = isCoreAttribute(name) ? coreProblem(name, value) : extensionProblem(name, value);
    if (detail !== undefined) problems.push({ attribute: shown(name), detail });
    else if (isCoreAttribute(name)) core[name] = value as string;
    else if (isAttributeValue(value)) extensions[name] = value;
  }
  for (const name of REQUIRED_ATTRIBUTES) {
    if (core[name] === undefined && !problems.some(({ attribute }) => attribute === name)) {
      problems.push({ attribute: name, detail: 'is required' });
    }
  }

  if (!isComplete(core) || problems.length > 0) return invalid(problems);
  return { kind: 'valid', event: makeEvent(core, extensions, raw.data) };
}

/** @throws InvalidEventError with every problem */
export function requireEvent(raw: RawEvent): CloudEvent {
  const check = checkEvent(raw);
  if (check.kind === 'invalid') throw new InvalidEventError(check.problems);
  return check.event;
}

/**
 * The event of a message that our own services signed. It was checked before it was signed, so its attributes are
 * sorted into core attributes and extensions, and not checked again.
 *
 * @throws InvalidEventError if it can't be read at all
 */
export function trustedEvent({ attributes, data, problems }: RawEvent): CloudEvent {
  const core: Partial<Record<CoreAttribute, string>> = {};
  const extensions: Record<string, AttributeValue> = {};
  for (const name of Object.keys(attributes ?? {})) {
    const value = attributes?.[name];
    if (isCoreAttribute(name)) core[name] = value as string;
    else extensions[name] = value as AttributeValue;
  }
  if (!isComplete(core) || problems.length > 0) throw new InvalidEventError(problems);
  return makeEvent(core, extensions, data);
}

function isComplete(core: Partial<Record<CoreAttribute, string>>): core is CoreAttributes {
  return REQUIRED_ATTRIBUTES.every((name) => core[name] !== undefined);
}

function invalid(problems: readonly Problem[]): EventCheck {
  return { kind: 'invalid', problems: problems.slice(0, PROBLEMS_MAX) };
}

function shown(name: string): string {
  return name.slice(0, NAME_CHARACTERS_SHOWN_MAX);
}
