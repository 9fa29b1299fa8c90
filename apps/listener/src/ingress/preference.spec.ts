import { wantsReceipt } from './preference.js';

describe(wantsReceipt, () => {
  it.each([
    [undefined, true],
    ['respond-async', true],
    ['return=representation', true],
    ['replying', true],
    ['reply', false],
    ['return=minimal', false],
    ['respond-async, Return="minimal"; a=b', false],
  ])('with "Prefer: %s": %s', (prefer, expected) => {
    expect(wantsReceipt(prefer === undefined ? {} : { prefer })).toBe(expected);
  });
});
