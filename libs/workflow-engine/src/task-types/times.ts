import { type JsonValue } from '@app/json';
import { DURATION_MS_MAX } from '../bounds.js';
import { DURATION_RULE, readDuration } from '../definition/duration.js';
import { type ParamRule } from './task-behaviour.js';

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/;

/** A duration as a text, or whole milliseconds, as a number or digits: Boomerang Flow has those. */
export function durationMs(value: JsonValue): number | undefined {
  if (typeof value === 'string' && !/^\d+$/.test(value)) return readDuration(value);
  const ms = typeof value === 'string' || typeof value === 'number' ? Number(value) : NaN;
  return Number.isInteger(ms) && ms >= 1 && ms <= DURATION_MS_MAX ? ms : undefined;
}

export function durationRule(about: string, more: Partial<ParamRule> = {}): ParamRule {
  return {
    required: false,
    about,
    schema: { type: ['string', 'integer'] },
    problem: (value) =>
      durationMs(value) === undefined ? `${DURATION_RULE}; or milliseconds` : undefined,
    ...more,
  };
}

/** Whole milliseconds since 1970 of an instant as RFC 3339 writes it (`2026-12-24T18:00:00Z`). */
export function readInstant(text: string): number | undefined {
  if (!RFC_3339.test(text)) return undefined;
  const ms = Date.parse(text.toUpperCase().replace(' ', 'T'));
  return Number.isNaN(ms) ? undefined : ms;
}
