import { httpDateOf, retryAfterMsOf } from './retry-after.js';

const NOW = Date.UTC(2026, 0, 1);

describe(retryAfterMsOf.name, () => {
  it.each([
    ['seconds', '120', undefined, 120_000],
    ['none', '0', undefined, 0],
    ['more than anybody waits', '9'.repeat(400), undefined, 1e12],
    ['a date by our clock', 'Thu, 01 Jan 2026 00:01:00 GMT', undefined, 60_000],
    [
      'a date by its clock',
      'Thu, 01 Jan 2026 00:01:00 GMT',
      'Thu, 01 Jan 2026 00:00:50 GMT',
      10_000,
    ],
    ['a date that has passed', 'Wed, 31 Dec 2025 23:59:00 GMT', undefined, 0],
    ['words', 'soon', undefined, undefined],
    ['less than nothing', '-1', undefined, undefined],
    ['a fraction', '1.5', undefined, undefined],
    ['nothing', undefined, undefined, undefined],
  ])('reads %s', (_what, retryAfter, date, ms) => {
    expect(retryAfterMsOf({ retryAfter, date, now: NOW })).toBe(ms);
  });
});

describe(httpDateOf.name, () => {
  const date = Date.UTC(1994, 10, 6, 8, 49, 37);

  // RFC 9110, section 5.6.7: all three of its examples.
  it.each([
    ['Sun, 06 Nov 1994 08:49:37 GMT', date],
    ['Sunday, 06-Nov-94 08:49:37 GMT', date],
    ['Sun Nov  6 08:49:37 1994', date],
    ['Thursday, 01-Jan-26 00:00:00 GMT', NOW],
    ['Thursday, 01-Jan-70 00:00:00 GMT', Date.UTC(2070, 0, 1)],
    ['Thursday, 01-Jan-80 00:00:00 GMT', Date.UTC(1980, 0, 1)],
    ['Sun, 31 Feb 2026 08:49:37 GMT', undefined],
    ['Sun, 06 Nov 1994 24:00:00 GMT', undefined],
    ['Sun, 06 Nix 1994 08:49:37 GMT', undefined],
    ['1994-11-06T08:49:37Z', undefined],
  ])('reads %s', (text, at) => {
    expect(httpDateOf(text, NOW)).toBe(at);
  });
});
