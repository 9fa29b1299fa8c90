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
