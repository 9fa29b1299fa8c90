import { hintFor } from '@app/errors';
import { DAY_MS } from '../../time-units.js';

/** A date and a time of day, as a clock on a wall shows them. */
export interface LocalTime {
  readonly year: number;
  /** From 1. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const ZONE = /^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/;
const LOCAL = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d))?$/;
const TIME_OF_DAY = /^([01]\d|2[0-3]):([0-5]\d)$/;

/** What is wrong with the name of a time zone; undefined for one that the IANA database has. */
export function zoneProblem(zone: string): string | undefined {
  if (ZONE.test(zone) && formatOf(zone) !== undefined) return undefined;
  const hint = hintFor(zone, Intl.supportedValuesOf('timeZone'));
  return `must be a time zone of the IANA database, as "Europe/Berlin" or "UTC"${hint}`;
}

/** A date and a time without an offset, as `2026-12-24T18:00`; undefined for all else, and for dates there are not. */
export function readLocalTime(text: string): LocalTime | undefined {
  const match = LOCAL.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map((digits: string | undefined) => Number(digits ?? 0));
  const local = { year, month, day, hour, minute, second };
  const there = localOf(utcOf(local));
  const isDate = there.month === month && there.day === day;
  return isDate && hour < 24 && minute < 60 && second < 60 ? local : undefined;
}

export function readTimeOfDay(text: string): Pick<LocalTime, 'hour' | 'minute'> | undefined {
  const match = TIME_OF_DAY.exec(text);
  return match === null ? undefined : { hour: Number(match[1]), minute: Number(match[2]) };
}

/** What a clock in the zone shows at this instant, in milliseconds since 1970. */
export function localTimeAt(instant: number, zone: string): LocalTime {
  const shown: Record<string, number> = {};
  for (const { type, value } of formatOf(zone)?.formatToParts(instant) ?? []) {
    shown[type] = Number(value);
  }
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = shown;
  return { year, month, day, hour, minute, second };
}

/**
 * When a clock in the zone shows that, in milliseconds since 1970. A time that it shows twice means the first
 * one; one that it leaps over, as long after the leap as it lies behind its beginning: as `compatible` of
 * ECMAScript's Temporal.
 */
export function instantOf(local: LocalTime, zone: string): number {
  const asUtc = utcOf(local);
  const before = asUtc - offsetMs(asUtc - DAY_MS, zone);
  const after = asUtc - offsetMs(asUtc + DAY_MS, zone);
  const shown = [before, after].filter((instant) => utcOf(localTimeAt(instant, zone)) === asUtc);
  return shown.length === 0 ? before : Math.min(...shown);
}

/** The same time of day, so many days and months later; the last day of a month that has no such day. */
export function laterDay(local: LocalTime, days: number, months = 0): LocalTime {
  const { year, month, day } = local;
  const lastDay = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
  const date = localOf(Date.UTC(year, month - 1 + months, Math.min(day, lastDay) + days));
  return { ...local, year: date.year, month: date.month, day: date.day };
}

function offsetMs(instant: number, zone: string): number {
  const whole = Math.floor(instant / 1_000) * 1_000;
  return utcOf(localTimeAt(whole, zone)) - whole;
}

function utcOf({ year, month, day, hour, minute, second }: LocalTime): number {
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function localOf(utc: number): LocalTime {
  const date = new Date(utc);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
  };
}

function formatOf(zone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', {
      calendar: 'gregory',
      numberingSystem: 'latn',
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
