import { jest } from '@jest/globals';
import { LineBudget } from './line-budget.js';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

function take(budget: LineBudget, times: number): number {
  return Array.from({ length: times }, () => budget.take()).filter(Boolean).length;
}

describe(LineBudget.name, () => {
  it('admits the budget of lines in a second, and again in the next', () => {
    const reported: number[] = [];
    const budget = new LineBudget(2, (leftOut) => reported.push(leftOut));

    const first = take(budget, 5);
    jest.advanceTimersByTime(1_000);

    expect([first, take(budget, 2)]).toEqual([2, 2]);
    expect(reported).toEqual([3]);
  });

  it('reports the number of lines left out, also when no further line comes', () => {
    const reported: number[] = [];
    const budget = new LineBudget(0, (leftOut) => reported.push(leftOut));

    take(budget, 4);
    jest.advanceTimersByTime(10_000);

    expect(reported).toEqual([4]);
  });

  it('reports the number for each second', () => {
    const reported: number[] = [];
    const budget = new LineBudget(1, (leftOut) => reported.push(leftOut));

    take(budget, 4);
    jest.advanceTimersByTime(1_000);
    take(budget, 3);
    jest.advanceTimersByTime(1_000);

    expect(reported).toEqual([3, 2]);
  });

  it('reports nothing while everything fits', () => {
    const reported: number[] = [];
    const budget = new LineBudget(2, (leftOut) => reported.push(leftOut));

    take(budget, 2);
    jest.advanceTimersByTime(10_000);

    expect(reported).toEqual([]);
  });
});
