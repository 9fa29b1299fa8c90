import fc from 'fast-check';
import { hintFor, nearestName } from './nearest-name.js';

describe(nearestName.name, () => {
  it.each([
    ['htpp', 'http'],
    ['HTTP', 'http'],
    ['timeot', 'timeout'],
    ['set-proprety', 'set-property'],
    ['id', undefined],
    ['x', undefined],
    ['something', undefined],
  ])('takes %j for %j', (written, meant) => {
    expect(nearestName(written, ['decision', 'http', 'timeout', 'set-property'])).toBe(meant);
  });

  it('gives no hint when no name is similar', () => {
    expect(hintFor('colour', ['name'])).toBe('');
  });

  it('finds the first of the nearest names, in any order of names', () => {
    const name = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 7 });
    fc.assert(
      fc.property(name, fc.array(name, { maxLength: 5 }), (written, known) => {
        const max = Math.min(2, Math.floor(written.length / 2));
        const near = known.filter((one) => editsBetween(written, one) <= max);
        const fewest = Math.min(...near.map((one) => editsBetween(written, one)));

        expect(nearestName(written, known)).toBe(
          near.find((one) => editsBetween(written, one) === fewest),
        );
      }),
    );
  });

  it('compares no name for one of 129 characters, and at most 2,000 names', () => {
    let looked = 0;
    function* endless(): Generator<string> {
      for (;;) {
        looked += 1;
        yield `name ${looked}`;
      }
    }
    expect(nearestName('x'.repeat(129), endless())).toBeUndefined();
    expect(looked).toBe(0);
    expect(nearestName('something else', endless())).toBeUndefined();
    expect(looked).toBe(2_001);
  });
});

/** The Levenshtein distance by its recursive definition, in exponential time. */
function editsBetween(from: string, to: string): number {
  if (from === '' || to === '') return from.length + to.length;
  const [first, second] = [from.slice(1), to.slice(1)];
  if (from[0] === to[0]) return editsBetween(first, second);
  return (
    1 + Math.min(editsBetween(first, second), editsBetween(first, to), editsBetween(from, second))
  );
}
