import fc from 'fast-check';
import { DURATION_MS_MAX } from '../bounds.js';
import { durationText, readDuration } from './duration.js';

describe(readDuration.name, () => {
  it.each([
    ['250ms', 250],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['1w2d', 777_600_000],
    ['PT5M', 300_000],
    ['P1DT12H', 129_600_000],
    ['P2W', 1_209_600_000],
    ['PT0.25S', 250],
    ['PT1,5S', 1_500],
  ])('reads %s', (text, ms) => {
    expect(readDuration(text)).toBe(ms);
  });

  it.each([
    '',
    'P',
    'PT',
    'P1DT',
    '0s',
    '5',
    '5 m',
    '-5m',
    '1m1h',
    '5M',
    'P1M',
    'P1Y',
    'PT1.5H',
    '1e3s',
    '999999999w',
  ])('does not take %j', (text) => {
    expect(readDuration(text)).toBeUndefined();
  });

  it('reads every text of `durationText`', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: DURATION_MS_MAX }), (ms) => {
        expect(readDuration(durationText(ms))).toBe(ms);
      }),
    );
  });
});
