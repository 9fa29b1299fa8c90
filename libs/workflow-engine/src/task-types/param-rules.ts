import { hintFor } from '@app/errors';
import { isJsonArray, isJsonNumber, isJsonObject, type JsonValue } from '@app/json';
import { textOf } from '../json.js';
import { invalidParam, type ParamRule } from './task-behaviour.js';

/** A text from 1 to `charsMax` characters. */
export function textRule(
  about: string,
  charsMax: number,
  more: Partial<ParamRule> = {},
): ParamRule {
  const isText = (value: JsonValue): boolean =>
    typeof value === 'string' && value.length >= 1 && value.length <= charsMax;
  return {
    required: false,
    about,
    schema: { type: 'string', minLength: 1, maxLength: charsMax },
    problem: (value) =>
      isText(value) ? undefined : `must be a text of 1 to ${charsMax} characters`,
    ...more,
  };
}

/** A text that is compared with what is sent or stored elsewhere. */
export function nameRule(
  about: string,
  charsMax: number,
  more: Partial<ParamRule> = {},
): ParamRule {
  const rule = textRule(about, charsMax, more);
  return { ...rule, problem: (value) => encodingProblem(value) ?? rule.problem(value) };
}

/** A name, or a number, which counts as it is written: ids often are numbers. */
export function idRule(about: string, charsMax: number): ParamRule {
  const { problem } = textRule(about, charsMax);
  const isId = (value: JsonValue): boolean =>
    problem(isJsonNumber(value) ? textOf(value) : value) === undefined;
  return {
    required: false,
    about,
    schema: { type: ['string', 'number'], minLength: 1, maxLength: charsMax },
    problem: (value) =>
      encodingProblem(value) ??
      (isId(value) ? undefined : `must be a text of 1 to ${charsMax} characters, or a number`),
  };
}

/** Half of a surrogate pair has no UTF-8: it is replaced when it is stored, and no event can bring it. */
function encodingProblem(value: JsonValue): string | undefined {
  return typeof value === 'string' && /\p{Surrogate}/u.test(value)
    ? 'must not contain half of a surrogate pair'
    : undefined;
}

/** A whole number from 1 to `max`. */
export function countRule(about: string, max: number): ParamRule {
  return {
    required: false,
    about,
    schema: { type: 'integer', minimum: 1, maximum: max },
    problem: (value) =>
      readCount(value, max) === undefined ? `must be a whole number from 1 to ${max}` : undefined,
  };
}

/** A number, or its digits in a text, as Boomerang Flow has them. */
export function readCount(value: JsonValue, max: number): number | undefined {
  const isDigits = typeof value === 'string' && /^\d{1,9}$/.test(value);
  const count = typeof value === 'number' || isDigits ? Number(value) : NaN;
  return Number.isInteger(count) && count >= 1 && count <= max ? count : undefined;
}

/** One text, or a list of up to `textsMax` of them. */
export function textsRule(about: string, textsMax: number, charsMax: number): ParamRule {
  return {
    required: false,
    about,
    schema: { type: ['string', 'array'], items: { type: 'string' }, maxItems: textsMax },
    problem: (value) =>
      readTexts(value, textsMax, charsMax) === undefined
        ? `must be a text, or a list of 1 to ${textsMax} texts, of 1 to ${charsMax} characters each`
        : undefined,
  };
}

export function readTexts(
  value: JsonValue,
  textsMax: number,
  charsMax: number,
): readonly string[] | undefined {
  const texts = isJsonArray(value) ? value : [value];
  const isText = (text: JsonValue): text is string =>
    typeof text === 'string' && text.length >= 1 && text.length <= charsMax;
  return texts.length >= 1 && texts.length <= textsMax && texts.every(isText) ? texts : undefined;
}

/** What a text must be that is one of a few words; the nearest one to what was written, besides. */
export function wordProblem(value: JsonValue, words: readonly string[]): string {
  const hint = typeof value === 'string' ? hintFor(value, words) : '';
  return `must be one of ${words.join(', ')}${hint}`;
}

/** An object that the definition writes out, with a rule for each member. */
export function objectRule(about: string, members: ReadonlyMap<string, ParamRule>): ParamRule {
  return {
    required: false,
    about,
    members,
    problem: (value) => {
      if (!isJsonObject(value)) return `must be an object of ${[...members.keys()].join(', ')}`;
      const invalid = invalidParam(value, members);
      return invalid && `must have a valid "${invalid.param}", which ${invalid.detail}`;
    },
  };
}
