/** Pseudorandom numbers from a seed. */
export interface Dice {
  /** A whole number from 0 up to, not including, `count`. */
  below(count: number): number;
  chance(share: number): boolean;
}

/** A new array in another order. */
export function shuffled<Item>(items: readonly Item[], dice: Dice): readonly Item[] {
  const left = [...items];
  return items.flatMap(() => left.splice(dice.below(left.length), 1));
}
