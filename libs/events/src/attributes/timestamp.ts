const TIMESTAMP =
  /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

const DAYS_OF_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const MINUTES_OF_DAY = 24 * 60;

/**
 * Whether `text` is a date and time of RFC 3339, section 5.6. `Date.parse` takes too much (a date
 * alone, a missing offset) and too little (leap seconds).
 */
export function isTimestamp(text: string): boolean {
  const match = TIMESTAMP.exec(text);
  if (!match) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const [hour, minute, second] = [Number(match[4]), Number(match[5]), Number(match[6])];
  if (day < 1 || day > daysOf(year, month)) return false;
  if (hour > 23 || minute > 59 || second > 60) return false;

  const offset = offsetMinutes(match[7], Number(match[8] ?? 0), Number(match[9] ?? 0));
  if (offset === undefined) return false;
  return second < 60 || isLastMinuteOfUtcDay(hour * 60 + minute - offset);
}

/** The days of a month; 0 for an invalid month. */
function daysOf(year: number, month: number): number {
  const isLeapYear = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month === 2 && isLeapYear ? 29 : (DAYS_OF_MONTH[month - 1] ?? 0);
}

function offsetMinutes(sign: string | undefined, hours: number, minutes: number) {
  if (hours > 23 || minutes > 59) return undefined;
  return (sign === '-' ? -1 : 1) * (hours * 60 + minutes);
}

/** The second 60 is a leap second, which is inserted only at the end of a day in UTC. */
function isLastMinuteOfUtcDay(minuteOfDay: number): boolean {
  return (minuteOfDay + MINUTES_OF_DAY) % MINUTES_OF_DAY === MINUTES_OF_DAY - 1;
}
