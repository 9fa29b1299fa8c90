import { BodyInvalidError } from '@app/http';
import { readSwitches } from './read-switches.js';

const DAY_MS = 86_400_000;

describe(readSwitches.name, () => {
  it('leaves out what is not named', () => {
    expect(readSwitches({})).toEqual({});
    expect(readSwitches({ status: 'inactive' })).toEqual({ status: 'inactive' });
    const triggers = { webhook: { enabled: true, filter: null } };
    expect(readSwitches({ triggers })).toEqual({ triggers });
  });

  it.each([
    [{ failed: '30d' }, { failed: 30 * DAY_MS }],
    [null, null],
    [{}, null],
  ])('reads the retention %j, and removes it where nothing is named', (written, retention) => {
    expect(readSwitches({ retention: written })).toEqual({ retention });
  });

  it('reports all that is wrong at once', () => {
    const body = {
      status: 'on',
      triggers: { nothing: { enabled: true } },
      retention: '1h',
      name: 'x',
    };
    const problems = ['status', 'triggers', 'retention', 'name'].map(
      (path) => expect.objectContaining({ path }) as unknown,
    );

    const read = (): unknown => readSwitches(body);

    expect(read).toThrow(BodyInvalidError);
    expect(read).toThrow(expect.objectContaining({ problems }) as Error);
  });

  it('switches the trigger schedule off, but not on, as nothing fires it', () => {
    const off = { triggers: { schedule: { enabled: false } } };

    expect(readSwitches(off)).toEqual(off);
    expect(() => readSwitches({ triggers: { schedule: { enabled: true } } })).toThrow(
      expect.objectContaining({
        problems: [
          {
            path: 'triggers.schedule.enabled',
            detail: expect.stringContaining('no schedules') as string,
          },
        ],
      }) as Error,
    );
  });
});
