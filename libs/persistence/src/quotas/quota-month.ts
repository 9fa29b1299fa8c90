/** The calendar month in UTC, as a number such as 202611. @param at in milliseconds since 1970 */
export function quotaMonthOf(at: number): number {
  const date = new Date(at);
  return date.getUTCFullYear() * 100 + date.getUTCMonth() + 1;
}

/** When the next month begins, in milliseconds since 1970. */
export function nextMonthAt(at: number): number {
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
}
