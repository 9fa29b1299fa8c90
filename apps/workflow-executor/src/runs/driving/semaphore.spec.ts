import { Semaphore } from './semaphore.js';

describe(Semaphore.name, () => {
  it('grants no more permits than there are, in the order of requests', async () => {
    const semaphore = new Semaphore(2);
    const inside: string[] = [];
    const arrivals = ['a', 'b', 'c', 'd'].map(async (name) => {
      await semaphore.acquire();
      inside.push(name);
    });
    await Promise.all(arrivals.slice(0, 2));
    const before = [...inside];

    semaphore.release();
    await arrivals[2];

    expect([before, inside]).toEqual([
      ['a', 'b'],
      ['a', 'b', 'c'],
    ]);
  });

  it('lets urgent callers in first, and one of the others after each three', async () => {
    const semaphore = new Semaphore(1);
    await semaphore.acquire();
    const inside: string[] = [];
    const arrivals = ['a', 'b', 'U', 'V', 'W', 'X'].map(async (name) => {
      await semaphore.acquire(name === name.toUpperCase());
      inside.push(name);
      semaphore.release();
    });
    semaphore.release();
    await Promise.all(arrivals);

    expect(inside).toEqual(['U', 'V', 'W', 'a', 'X', 'b']);
  });

  it('has none free after one was passed on, and all after all were released', async () => {
    const semaphore = new Semaphore(1);
    await semaphore.acquire();
    const next = semaphore.acquire();

    semaphore.release();
    await next;
    const passedOn = semaphore.free;
    semaphore.release();

    expect([passedOn, semaphore.free]).toEqual([0, 1]);
  });
});
