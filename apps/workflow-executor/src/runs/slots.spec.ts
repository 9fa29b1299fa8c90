import { Slots } from './slots.js';

describe(Slots.name, () => {
  it('lets in no more than there are, in the order in which they came', async () => {
    const slots = new Slots(2);
    const inside: string[] = [];
    const arrivals = ['a', 'b', 'c', 'd'].map(async (name) => {
      await slots.take();
      inside.push(name);
    });
    await Promise.all(arrivals.slice(0, 2));
    const before = [...inside];

    slots.give();
    await arrivals[2];

    expect([before, inside]).toEqual([
      ['a', 'b'],
      ['a', 'b', 'c'],
    ]);
  });

  it('has none free after one was passed on, and all when all came back', async () => {
    const slots = new Slots(1);
    await slots.take();
    const next = slots.take();

    slots.give();
    await next;
    const passedOn = slots.free;
    slots.give();

    expect([passedOn, slots.free]).toEqual([0, 1]);
  });
});
