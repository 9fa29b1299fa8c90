import { type JsonObject, type JsonValue } from '@app/json';
import { DURATION_MS_MAX } from '../../bounds.js';
import { textOf } from '../../json.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../time-units.js';
import { durationMs, durationRule, readInstant } from '../times.js';
import { countRule, readCount, wordProblem } from '../param-rules.js';
import { type ParamRule } from '../task-behaviour.js';
import {
  instantOf,
  laterDay,
  localTimeAt,
  readLocalTime,
  readTimeOfDay,
  zoneProblem,
} from './local-time.js';

const FUTURE_IN_MAX = 1_000_000;
/** Of Boomerang Flow; what each is in milliseconds, or in calendar days and months. */
const PERIODS: Readonly<
  Record<string, { readonly ms?: number; readonly days?: number; readonly months?: number }>
> = {
  minutes: { ms: MINUTE_MS },
  hours: { ms: HOUR_MS },
  days: { days: 1 },
  weeks: { days: 7 },
  months: { months: 1 },
};
const PERIOD_NAMES = Object.keys(PERIODS);

const AT_RULE =
  'must be an instant with its offset as RFC 3339 writes it, "2026-12-24T18:00:00+01:00", or a date and a time ' +
  'of the "timezone", "2026-12-24T18:00"';

/** The parameters that say when. */
export const DUE_RULES: ReadonlyMap<string, ParamRule> = new Map([
  ['in', durationRule('How long from now, as "3d"; whole days with a "time".', { notWith: 'at' })],
  ['at', textual('At which instant (RFC 3339), or date and time of the "timezone".', atProblem)],
  [
    'time',
    textual('The time of that day, in the "timezone", as "09:00".', (text) =>
      readTimeOfDay(text) === undefined
        ? 'must be a time of day from "00:00" to "23:59"'
        : undefined,
    ),
  ],
  ['timezone', textual('Whose time of day, as "Europe/Berlin".', zoneProblem)],
  ['futureIn', countRule('How many "futurePeriod", as Boomerang Flow says it.', FUTURE_IN_MAX)],
  [
    'futurePeriod',
    {
      required: false,
      about: 'What "futureIn" counts.',
      schema: { enum: PERIOD_NAMES },
      problem: (value) =>
        PERIOD_NAMES.includes(textOf(value)) ? undefined : wordProblem(value, PERIOD_NAMES),
    },
  ],
]);

/** What is wrong with which of them are there; undefined for nothing. */
export function dueProblem(given: ReadonlySet<string>): string | undefined {
  const ways = ['in', 'at', 'futureIn'].filter((name) => given.has(name));
  if (ways.length !== 1) return 'has to say when, by one of "in", "at" and "futureIn"';
  const isCounted = given.has('futureIn');
  if (isCounted !== given.has('futurePeriod')) return '"futureIn" and "futurePeriod" go together';
  if (given.has('time') && given.has('at')) return '"at" has its own time; leave "time" out';
  if (given.has('time') && !given.has('timezone'))
    return '"time" needs a "timezone", as "Europe/Berlin" or "UTC"';
  return undefined;
}

export type DueTime =
  /** In milliseconds since 1970. */
  | { readonly kind: 'due'; readonly at: number }
  | { readonly kind: 'invalid'; readonly param: string; readonly detail: string };

/** When parameters that keep `DUE_RULES` and have no `dueProblem` say it is. */
export function dueTimeOf(params: JsonObject, now: number): DueTime {
  const due = params['at'] === undefined ? fromNow(params, now) : readAt(params['at'], params);
  if (due.kind === 'invalid' || due.at <= now + DURATION_MS_MAX) return due;
  return invalid(params['at'] === undefined ? 'in' : 'at', 'is more than a hundred years away');
}

function readAt(at: JsonValue, { timezone }: JsonObject): DueTime {
  const local = readLocalTime(textOf(at));
  if (local === undefined) {
    const instant = readInstant(textOf(at));
    if (instant === undefined) return invalid('at', AT_RULE);
    return timezone === undefined
      ? { kind: 'due', at: instant }
      : invalid('timezone', 'has no meaning beside "at" with an offset of its own');
  }
  return timezone === undefined
    ? invalid('at', 'has no offset; give one, or a "timezone"')
    : { kind: 'due', at: instantOf(local, textOf(timezone)) };
}

function fromNow(params: JsonObject, now: number): DueTime {
  const { time, timezone } = params;
  const { param, ms = 0, days = 0, months = 0 } = spanOf(params);
  const isCalendar = time !== undefined || months > 0;
  if (!isCalendar) return { kind: 'due', at: now + ms + days * DAY_MS };
  if (timezone === undefined) return invalid('timezone', 'is needed to count months');
  if (ms % DAY_MS !== 0) return invalid(param, 'must be whole days beside "time"');
  const zone = textOf(timezone);
  const day = laterDay(localTimeAt(now, zone), days + ms / DAY_MS, months);
  const clock = time === undefined ? undefined : readTimeOfDay(textOf(time));
  return { kind: 'due', at: instantOf(clock ? { ...day, ...clock, second: 0 } : day, zone) };
}

interface TimeSpan {
  readonly param: string;
  readonly ms?: number;
  readonly days?: number;
  readonly months?: number;
}

function spanOf({ in: duration, futureIn, futurePeriod }: JsonObject): TimeSpan {
  if (duration !== undefined) return { param: 'in', ms: durationMs(duration) ?? 0 };
  const count = readCount(futureIn ?? null, FUTURE_IN_MAX) ?? 0;
  const { ms = 0, days = 0, months = 0 } = PERIODS[textOf(futurePeriod ?? '')] ?? {};
  return { param: 'futureIn', ms: ms * count, days: days * count, months: months * count };
}

function atProblem(text: string): string | undefined {
  const isTime = readLocalTime(text) !== undefined || readInstant(text) !== undefined;
  return isTime ? undefined : AT_RULE;
}

function textual(about: string, problem: (text: string) => string | undefined): ParamRule {
  return {
    required: false,
    about,
    schema: { type: 'string' },
    problem: (value) => problem(typeof value === 'string' ? value : ''),
  };
}

function invalid(param: string, detail: string): DueTime {
  return { kind: 'invalid', param, detail };
}
