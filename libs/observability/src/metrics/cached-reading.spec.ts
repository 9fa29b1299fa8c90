import { CachedReading } from './cached-reading.js';

const LIMITS = { ageMsMax: 100, waitMsMax: 10 };

describe(CachedReading, () => {
  it('reads once for many, and again when the value is old', async () => {
    let now = 0;
    let reads = 0;
    const reading = new CachedReading(
      async () => (reads += 1),
      LIMITS,
      () => now,
    );
    const together = await Promise.all([reading.get(), reading.get()]);
    now = 99;
    const young = await reading.get();
    now = 100;

    expect([...together, young, await reading.get()]).toEqual([1, 1, 1, 2]);
  });

  it('waits at most `waitMsMax`, and begins no second read meanwhile', async () => {
    let reads = 0;
    let answer: (value: string) => void = () => undefined;
    const reading = new CachedReading(
      () => {
        reads += 1;
        return new Promise<string>((resolve) => (answer = resolve));
      },
      LIMITS,
      () => 0,
    );
    const unanswered = [await reading.get(), await reading.get()];
    answer('late');

    expect(unanswered).toEqual([undefined, undefined]);
    expect(reads).toBe(1);
    expect(await reading.get()).toBe('late');
  });

  it('has no value when reading fails, and tries again', async () => {
    let fails = true;
    const reading = new CachedReading(
      async () => {
        if (fails) throw new Error('gone');
        return 'back';
      },
      LIMITS,
      () => 0,
    );
    const failed = await reading.get();
    fails = false;

    expect([failed, await reading.get()]).toEqual([undefined, 'back']);
  });
});
