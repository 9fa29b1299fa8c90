import { jest } from '@jest/globals';
import { MemoryLog } from '../testing/memory-log.js';
import { Episode } from './episode.js';

const SETTINGS = { began: 'It began', ended: 'It is over', quietMs: 1_000 };

describe(Episode, () => {
  let log: MemoryLog;
  let episode: Episode;

  beforeEach(() => {
    jest.useFakeTimers();
    log = new MemoryLog();
    episode = new Episode(log, SETTINGS, () => Date.now());
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('has one line when it begins, with the reason, however often it occurs', () => {
    for (let n = 0; n < 1_000; n += 1) episode.occurred(() => ({ reason: `number ${n}` }));

    expect(log.lines).toEqual([
      { level: 'warn', fields: { reason: 'number 0' }, message: 'It began' },
    ]);
  });

  it('has one line when it is over, with how often and how long', () => {
    episode.occurred(() => ({}));
    jest.advanceTimersByTime(900);
    episode.occurred(() => ({}));
    jest.advanceTimersByTime(999);
    const before = log.lines.length;
    jest.advanceTimersByTime(1);

    expect(before).toBe(1);
    expect(log.lines.at(-1)).toEqual({
      level: 'info',
      fields: { count: 2, durationMs: 900 },
      message: 'It is over',
    });
  });

  it('begins anew after its end', () => {
    for (const reason of ['first', 'second']) {
      episode.occurred(() => ({ reason }));
      jest.advanceTimersByTime(1_000);
    }

    const began = log.lines.filter(({ level }) => level === 'warn');
    expect(began.map(({ fields }) => fields)).toEqual([{ reason: 'first' }, { reason: 'second' }]);
    expect(log.lines).toHaveLength(4);
  });
});
