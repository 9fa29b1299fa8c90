import { nextCommitId } from './commit-id.js';

describe('nextCommitId', () => {
  it('gives each write an id of its own, in no more than 24 characters', () => {
    const ids = Array.from({ length: 10_000 }, nextCommitId);

    expect(new Set(ids).size).toBe(ids.length);
    expect(Math.max(...ids.map(({ length }) => length))).toBeLessThanOrEqual(24);
  });
});
