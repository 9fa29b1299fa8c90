import { type JsonValue } from '@app/json';
import fc from 'fast-check';
import { readRetention, retentionView } from './retention.js';

const DAY_MS = 86_400_000;

describe('the retention of a workflow', () => {
  it('is one time for all classes, or a time for some of them', () => {
    const week = 7 * DAY_MS;
    expect(readRetention('7d')).toEqual({
      retention: { succeeded: week, failed: week, refused: week },
      problems: [],
    });
    expect(readRetention({ failed: 'P7D', succeeded: '1d' })).toEqual({
      retention: { failed: week, succeeded: DAY_MS },
      problems: [],
    });
  });

  it.each([undefined, {}])("is the installation's for %j", (written) => {
    expect(readRetention(written)).toEqual({ problems: [] });
  });

  it.each(['1d', '36500d'])('may be %s, and no longer or shorter', (written) => {
    expect(readRetention({ failed: written }).problems).toEqual([]);
  });

  it.each(['23h59m', '36500d1ms', '0d', '0', 'forever', '', 7, null, true, ['7d']])(
    'is not %j',
    (written) => {
      const [alone] = readRetention(written).problems;
      expect(alone?.path).toBe('retention');
      expect(alone?.detail).toContain('1d to 36500d');
      const { retention, problems } = readRetention({ succeeded: '2d', failed: written });
      expect(retention).toBeUndefined();
      expect(problems.map(({ path }) => path)).toEqual(['retention.failed']);
    },
  );

  it('names the class that was probably meant', () => {
    expect(readRetention({ suceeded: '2d' }).problems).toEqual([
      { path: 'retention.suceeded', detail: expect.stringContaining('"succeeded"') as string },
    ]);
  });

  it('is shown so that it is read as the same', () => {
    const time = fc.integer({ min: DAY_MS, max: 36_500 * DAY_MS });
    const retentions = fc.record(
      { succeeded: time, failed: time, refused: time },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(retentions, (retention) => {
        const { retention: read = {}, problems } = readRetention(retentionView(retention));
        expect([read, problems]).toEqual([retention, []]);
      }),
    );
  });

  it('is refused with no more problems than others, whatever is in it', () => {
    const names = Array.from({ length: 1_000 }, (_, n): [string, JsonValue] => [`x${n}`, '1d']);
    expect(readRetention(Object.fromEntries(names)).problems).toHaveLength(100);
  });
});
