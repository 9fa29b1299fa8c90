import { DURATION_MS_MAX } from '../bounds.js';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../time-units.js';

/** The units of a plain duration, which are written in this order, each once at most. */
const UNITS = [
  ['w', 7 * DAY_MS],
  ['d', DAY_MS],
  ['h', HOUR_MS],
  ['m', MINUTE_MS],
  ['s', SECOND_MS],
  ['ms', 1],
] as const;

const PLAIN =
  /^(?:(\d{1,9})w)?(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?(?:(\d{1,12})ms)?$/;
/** ISO 8601-1, 5.5.2.3, without years and months, which have no fixed length; seconds may have a fraction. */
const ISO =
  /^P(?:(\d{1,9})W)?(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:[.,](\d{1,9}))?S)?)?$/;

export const DURATION_RULE =
  'must be a duration of at least 1 ms: "30s", "1h30m", "2d" (w, d, h, m, s, ms), or ISO 8601 as "PT1H30M", ' +
  'without months and years';

/**
 * The whole milliseconds of a duration such as `1h30m`, `250ms` or `PT1H30M` (ISO 8601). Undefined for any other
 * text, and for less than 1 ms or more than `DURATION_MS_MAX`.
 */
export function readDuration(text: string): number | undefined {
  const ms = plainMs(text) ?? isoMs(text);
  return ms !== undefined && ms >= 1 && ms <= DURATION_MS_MAX ? ms : undefined;
}

/** The shortest text that `readDuration` reads as these milliseconds. */
export function durationText(ms: number): string {
  let left = ms;
  let text = '';
  for (const [unit, unitMs] of UNITS.slice(1)) {
    const count = Math.floor(left / unitMs);
    if (count > 0) text += `${count}${unit}`;
    left -= count * unitMs;
  }
  return text === '' ? '0ms' : text;
}

function plainMs(text: string): number | undefined {
  const match = text === '' ? null : PLAIN.exec(text);
  if (match === null) return undefined;
  return UNITS.reduce((sum, [, unitMs], at) => sum + Number(match[at + 1] ?? 0) * unitMs, 0);
}

function isoMs(text: string): number | undefined {
  const match = text.endsWith('P') || text.endsWith('T') ? null : ISO.exec(text);
  if (match === null) return undefined;
  const counts: readonly (string | undefined)[] = match.slice(1, 6);
  const [weeks, days, hours, minutes, seconds] = counts.map((digits = '0') => Number(digits));
  const fractionMs = Math.floor(Number(`0.${match[6] ?? '0'}`) * SECOND_MS);
  return (
    ((weeks ?? 0) * 7 + (days ?? 0)) * DAY_MS +
    (hours ?? 0) * HOUR_MS +
    (minutes ?? 0) * MINUTE_MS +
    (seconds ?? 0) * SECOND_MS +
    fractionMs
  );
}
