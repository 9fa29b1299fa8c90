import { UnclaimedWork } from './unclaimed-work.js';

const BEGAN = 1_000_000;
const LEASE_MS = 30_000;
const LATER = BEGAN + LEASE_MS;

describe(UnclaimedWork.name, () => {
  const work = (): UnclaimedWork => new UnclaimedWork(BEGAN, LEASE_MS);
  const due = { id: 'due', lockVersion: 2 };

  it('claims everything in the first lease of the life of an executor', () => {
    const unclaimed = work();

    expect(unclaimed.at(LATER - 1)(due)).toBe(false);
    expect(unclaimed.at(LATER)(due)).toBe(true);
  });

  it('has what is found again as it was claimed, and what somebody has written to not', () => {
    const unclaimed = work();
    unclaimed.at(LATER)(due);

    expect(unclaimed.at(LATER + 1)(due)).toBe(false);
    expect(unclaimed.at(LATER + 1)({ ...due, lockVersion: 3 })).toBe(true);
    expect(unclaimed.at(LATER + 2)({ ...due, lockVersion: 3 })).toBe(false);
  });

  it('remembers the last 10,000', () => {
    const unclaimed = work();
    for (let n = 0; n <= 10_000; n += 1) unclaimed.at(LATER)({ id: `${n}`, lockVersion: 1 });

    expect(unclaimed.at(LATER)({ id: '0', lockVersion: 1 })).toBe(true);
    expect(unclaimed.at(LATER)({ id: '10000', lockVersion: 1 })).toBe(false);
  });
});
