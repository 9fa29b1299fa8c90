import { PacedWork } from './paced-work.js';

describe(PacedWork.name, () => {
  it('runs one at a time, and again for each that asked during a run', async () => {
    const runs: (() => void)[] = [];
    let atOnce = 0;
    const work = new PacedWork(async () => {
      atOnce += 1;
      expect(atOnce).toBe(1);
      await new Promise<void>((end) => runs.push(end));
      atOnce -= 1;
    });

    const first = work.now();
    const second = work.now();
    expect(runs).toHaveLength(1);

    runs[0]?.();
    await first;
    while (runs.length < 2) await Promise.resolve();
    runs[1]?.();
    await second;
    expect(runs).toHaveLength(2);
  });

  it('runs once for all that asked for it within a time, and at once where that is asked for', async () => {
    let runs = 0;
    const ran = new Promise<void>((resolve) => {
      const work = new PacedWork(async () => {
        runs += 1;
        resolve();
      });
      work.within(3_600_000);
      work.within(3_600_000);
      work.within(0);
    });

    await ran;
    expect(runs).toBe(1);
  });
});
