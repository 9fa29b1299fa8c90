import fc from 'fast-check';
import { instantOf, laterDay, localTimeAt, readLocalTime, zoneProblem } from './local-time.js';

function at(text: string, zone: string): string {
  const local = readLocalTime(text);
  if (local === undefined) throw new Error(`${text} is a local time`);
  return new Date(instantOf(local, zone)).toISOString();
}

describe(instantOf.name, () => {
  it.each([
    ['2026-12-24T18:00', 'Europe/Berlin', '2026-12-24T17:00:00.000Z'],
    ['2026-07-01T18:00:30', 'Europe/Berlin', '2026-07-01T16:00:30.000Z'],
    ['2026-07-01T00:00', 'Asia/Kolkata', '2026-06-30T18:30:00.000Z'],
    ['2026-12-31T23:00', 'Pacific/Kiritimati', '2026-12-31T09:00:00.000Z'],
    ['2026-01-01T12:00', 'UTC', '2026-01-01T12:00:00.000Z'],
  ])('knows when it is %s in %s', (text, zone, instant) => {
    expect(at(text, zone)).toBe(instant);
  });

  it.each([
    ['the first of two times, when clocks go back', '2026-10-25T02:30', '2026-10-25T00:30:00.000Z'],
    [
      'a time after the leap, when clocks go forward',
      '2026-03-29T02:30',
      '2026-03-29T01:30:00.000Z',
    ],
  ])('means %s', (_what, text, instant) => {
    expect(at(text, 'Europe/Berlin')).toBe(instant);
  });

  it('is what the clock of that zone shows then, unless it leaps over it', () => {
    const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu'];
    const instants = fc.integer({ min: 0, max: 4_102_444_800 });
    fc.assert(
      fc.property(instants, fc.constantFrom(...zones), (seconds, zone) => {
        const local = localTimeAt(seconds * 1_000, zone);

        expect(localTimeAt(instantOf(local, zone), zone)).toEqual(local);
        expect(instantOf(local, zone)).toBeLessThanOrEqual(seconds * 1_000);
      }),
    );
  });
});

describe(laterDay.name, () => {
  it.each([
    ['2026-01-31T09:00', 0, 1, '2026-02-28T09:00'],
    ['2028-01-31T09:00', 0, 1, '2028-02-29T09:00'],
    ['2026-12-31T09:00', 1, 0, '2027-01-01T09:00'],
    ['2026-11-15T09:00', 0, 14, '2028-01-15T09:00'],
  ])('of %s is, %i days and %i months on, %s', (text, days, months, later) => {
    const local = readLocalTime(text);
    expect(local && laterDay(local, days, months)).toEqual(readLocalTime(later));
  });
});

it.each(['2026-02-30T09:00', '2026-13-01T09:00', '2026-01-01T24:00', '2026-01-01', '9:00'])(
  'there is no local time %s',
  (text) => {
    expect(readLocalTime(text)).toBeUndefined();
  },
);

it('says which time zone was probably meant', () => {
  expect(zoneProblem('Europe/Berlin')).toBeUndefined();
  expect(zoneProblem('UTC')).toBeUndefined();
  expect(zoneProblem('Europe/Berlim')).toContain('did you mean "Europe/Berlin"?');
  expect(zoneProblem('+01:00')).toContain('must be a time zone of the IANA database');
});
