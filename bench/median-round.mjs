/**
 * The median round as a whole, so that its figures belong together.
 *
 * @template T
 * @param {readonly T[]} rounds one at least
 * @param {(round: T) => number} figure
 * @returns {T} of an even number the lower one of the two in the middle
 */
export function medianRound(rounds, figure) {
  const sorted = rounds.toSorted((a, b) => figure(a) - figure(b));
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined) throw new Error('There was no round');
  return middle;
}

/** @param {readonly number[]} values one at least; of an even number the upper one of the two in the middle */
export function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
