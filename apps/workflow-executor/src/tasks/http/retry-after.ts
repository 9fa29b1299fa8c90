const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

const TIME = String.raw`(\d\d):(\d\d):(\d\d)`;
const IMF_FIXDATE = new RegExp(String.raw`^[a-z]{3}, (\d\d) ([a-z]{3}) (\d{4}) ${TIME} gmt$`);
const RFC_850 = new RegExp(String.raw`^[a-z]{6,9}, (\d\d)-([a-z]{3})-(\d\d) ${TIME} gmt$`);
const ASCTIME = new RegExp(String.raw`^[a-z]{3} ([a-z]{3}) ([ \d]\d) ${TIME} (\d{4})$`);

/** The largest delay that is read, in seconds. It is longer than any delay that is obeyed, and an exact number. */
const SECONDS_MAX = 1_000_000_000;

interface Given {
  readonly retryAfter: string | undefined;
  /** The `Date` header of the answer: a date in `Retry-After` is by the target's clock. */
  readonly date?: string | undefined;
  /** The executor's time in milliseconds since 1970, used if the answer has no `Date`. */
  readonly now: number;
}

/**
 * Reads `Retry-After` (RFC 9110, section 10.2.3), in seconds or as a date. Returns milliseconds; undefined if it is
 * neither; 0 if the date has passed.
 */
export function retryAfterMsOf({ retryAfter = '', date = '', now }: Given): number | undefined {
  const text = retryAfter.trim();
  if (/^\d+$/.test(text)) return Math.min(Number(text), SECONDS_MAX) * 1000;
  const at = httpDateOf(text, now);
  return at === undefined ? undefined : Math.max(0, at - (httpDateOf(date.trim(), now) ?? now));
}

/** Reads the three date formats of RFC 9110, section 5.6.7: the current one and the two obsolete ones. */
export function httpDateOf(text: string, now: number): number | undefined {
  const given = text.toLowerCase();
  const imf = IMF_FIXDATE.exec(given);
  if (imf) return instantOf(imf[3], imf[2], imf[1], imf.slice(4));
  const rfc850 = RFC_850.exec(given);
  if (rfc850)
    return instantOf(fullYear(Number(rfc850[3]), now), rfc850[2], rfc850[1], rfc850.slice(4));
  const asctime = ASCTIME.exec(given);
  return asctime ? instantOf(asctime[6], asctime[1], asctime[2], asctime.slice(3, 6)) : undefined;
}

function instantOf(
  year: string | number | undefined,
  month: string | undefined,
  day: string | undefined,
  [hours, minutes, seconds]: readonly (string | undefined)[],
): number | undefined {
  const at = MONTHS.indexOf(month ?? '');
  const parts = [year, at, day, hours, minutes, seconds].map(Number);
  const [y = 0, m = 0, d = 0, ...time] = parts;
  const instant = new Date(0);
  instant.setUTCFullYear(y, m, d);
  if (at === -1 || instant.getUTCMonth() !== at) return undefined;
  const [h = 0, min = 0, s = 0] = time;
  return h > 23 || min > 59 || s > 60
    ? undefined
    : instant.getTime() + ((h * 60 + min) * 60 + s) * 1000;
}

/** The full year of two digits: the last century if it would otherwise be more than 50 years ahead. */
function fullYear(year: number, now: number): number {
  const thisYear = new Date(now).getUTCFullYear();
  const near = thisYear - (thisYear % 100) + year;
  return near > thisYear + 50 ? near - 100 : near;
}
