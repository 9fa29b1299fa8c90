import { TooManyBytesInFlightError } from '../errors.js';
import { BodyReservation } from './body-reservation.js';
import { ByteBudget } from './byte-budget.js';

const FOR_EVER = 60_000;

describe(ByteBudget.name, () => {
  it('has room up to its bound and not a byte more', () => {
    const budget = new ByteBudget(10, 0);

    expect([budget.tryTake(4), budget.tryTake(6), budget.tryTake(1)]).toEqual([true, true, false]);
    expect(budget.heldBytes).toBe(10);
  });

  it('takes a body larger than the budget when it holds no other', () => {
    const budget = new ByteBudget(10, 0);

    expect(budget.tryTake(1)).toBe(true);
    expect(budget.tryTake(30)).toBe(false);
    budget.give(1);
    expect(budget.tryTake(30)).toBe(true);
    expect(budget.tryTake(1)).toBe(false);
  });

  it('serves waiting bodies in the order they came', async () => {
    const budget = new ByteBudget(10, FOR_EVER);
    const order: string[] = [];
    const take = async (name: string, bytes: number): Promise<void> => {
      if (await budget.take(bytes)) order.push(name);
    };
    await take('first', 10);
    const others = [take('second', 8), take('third', 2), take('fourth', 1)];

    budget.give(10);
    await Promise.all(others.slice(0, 2));
    expect(order).toEqual(['first', 'second', 'third']);
    budget.give(8);
    await Promise.all(others);
    expect(order.at(-1)).toBe('fourth');
    expect(budget.heldBytes).toBe(3);
  });

  it('counts bytes that are already in memory, and makes others wait until they are released', async () => {
    const budget = new ByteBudget(10, Infinity);
    budget.force(12);
    let taken = false;
    const taking = budget.take(4).then(() => (taken = true));
    budget.give(5);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect({ taken, held: budget.heldBytes }).toEqual({ taken: false, held: 7 });

    budget.give(1);
    await taking;
    expect(budget.heldBytes).toBe(10);
  });

  it('rejects when there was no room in time, and removes the waiting body', async () => {
    const budget = new ByteBudget(10, 1);
    await budget.take(10);

    expect(await budget.take(1)).toBe(false);
    budget.give(10);
    expect(budget.heldBytes).toBe(0);
  });
});

describe(BodyReservation.name, () => {
  it('holds the largest size that it was given, and releases all of it, once', () => {
    const budget = new ByteBudget(10, 0);
    const reservation = new BodyReservation(budget);
    reservation.growTo(4);
    reservation.growTo(3);
    reservation.growTo(7);
    expect(budget.heldBytes).toBe(7);

    reservation.release();
    reservation.release();
    reservation.growTo(9);
    expect(budget.heldBytes).toBe(0);
  });

  it('refuses to grow while others have reserved the rest, and may exceed the bound when it is alone', () => {
    const budget = new ByteBudget(10, 0);
    const [one, other] = [new BodyReservation(budget), new BodyReservation(budget)];
    one.growTo(6);
    other.growTo(4);
    expect(() => {
      one.growTo(7);
    }).toThrow(TooManyBytesInFlightError);

    other.release();
    one.growTo(30);
    expect(budget.heldBytes).toBe(30);
  });

  it('moves its bytes, and those still to come, to another budget', async () => {
    const [small, large] = [new ByteBudget(10, 0), new ByteBudget(100, 0)];
    const reservation = new BodyReservation(small);
    reservation.growTo(8);

    await reservation.moveTo(large, 50);
    reservation.growTo(40);

    expect([small.heldBytes, large.heldBytes]).toEqual([0, 50]);
    reservation.release();
    expect(large.heldBytes).toBe(0);
  });

  it('stays where it is when there is no room in the other', async () => {
    const [small, large] = [new ByteBudget(10, 0), new ByteBudget(100, 0)];
    large.tryTake(100);
    const reservation = new BodyReservation(small);
    reservation.growTo(8);

    await expect(reservation.moveTo(large, 8)).rejects.toThrow(TooManyBytesInFlightError);
    expect([small.heldBytes, large.heldBytes]).toEqual([8, 100]);
    reservation.release();
    expect(small.heldBytes).toBe(0);
  });
});
