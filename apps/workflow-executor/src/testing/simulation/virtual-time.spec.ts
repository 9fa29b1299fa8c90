import { VirtualTime } from './virtual-time.js';

describe(VirtualTime.name, () => {
  /** Jest keeps each function that was ever a global, with all that it refers to. */
  it('makes no new global for each clock', async () => {
    const timers = new Set<unknown>();
    for (const clock of [new VirtualTime(0), new VirtualTime(0)]) {
      await clock.during(
        () => 0,
        async () => timers.add(globalThis.setTimeout).add(globalThis.clearTimeout),
      );
    }

    expect(timers.size).toBe(2);
  });

  it('runs the timers of the clock whose turn it is, and of no other', async () => {
    const [first, second] = [new VirtualTime(0), new VirtualTime(0)];
    const rung: number[] = [];
    for (const clock of [first, second]) {
      await clock.during(
        () => 0,
        async () => {
          setTimeout(() => rung.push(clock.now), 40);
          clearTimeout(setTimeout(() => rung.push(-1), 10));
          await clock.run(50, () => false);
        },
      );
    }

    expect(rung).toEqual([40, 40]);
    expect(first.now).toBe(40);
  });
});
