import { until } from '@app/errors/testing';
import { setTimeout as delay } from 'node:timers/promises';
import { BacklogLimit } from './backlog-limit.js';

describe('BacklogLimit', () => {
  const limits: BacklogLimit[] = [];
  afterEach(() => {
    for (const limit of limits.splice(0)) limit.onModuleDestroy();
  });

  const started = (
    backlogMax: number,
    count: (countMax: number) => Promise<number>,
  ): BacklogLimit => {
    const limit = new BacklogLimit({ backlogMax, count, countEveryMs: 1 });
    limits.push(limit);
    limit.start();
    return limit;
  };
  it('is reached when `backlogMax` activities wait, and not when fewer do', async () => {
    let waiting = 3;
    const limit = started(3, async () => waiting);
    expect(limit.isReached).toBe(false);
    await until(() => limit.isReached);
    waiting = 2;
    await until(() => !limit.isReached);
    expect(limit.counted).toBe(2);
  });

  it('counts no further than the limit', async () => {
    const asked: number[] = [];
    started(5, async (countMax) => {
      asked.push(countMax);
      return 0;
    });
    await until(() => asked.length > 2);
    expect(new Set(asked)).toEqual(new Set([5]));
  });

  it('does not apply while a count fails', async () => {
    let count = (): Promise<number> => Promise.resolve(9);
    const limit = started(1, () => count());
    await until(() => limit.isReached);
    count = () => Promise.reject(new Error('MongoDB is gone'));
    await until(() => !limit.isReached);
    expect(limit.counted).toBeUndefined();
  });

  it('neither counts nor applies with a limit of 0', async () => {
    let counts = 0;
    const limit = started(0, async () => (counts += 1));
    await delay(5);
    expect({ counts, isReached: limit.isReached }).toEqual({ counts: 0, isReached: false });
  });

  it('stops counting when it is closed', async () => {
    let counts = 0;
    let answer = (count: number): void => {
      expect(count).toBe(0);
    };
    const limit = new BacklogLimit({
      backlogMax: 1,
      countEveryMs: 1,
      count: () => {
        counts += 1;
        return new Promise((resolve) => (answer = resolve));
      },
    });
    limit.start();
    limit.onModuleDestroy();
    answer(0);
    await delay(10);
    expect(counts).toBe(1);
  });
});
