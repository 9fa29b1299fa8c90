/** Edits between two names, at most, for one to be taken for a slip of the other. */
const EDITS_MAX = 2;
/** What is longer is no name that somebody wrote by hand. */
const CHARS_MAX = 128;
/** Of known names that are looked at. */
const KNOWN_MAX = 2_000;

/** ` (did you mean "timeout"?)`, or nothing when no known name is near. */
export function hintFor(name: string, known: Iterable<string>): string {
  const nearest = nearestName(name, known);
  return nearest === undefined ? '' : ` (did you mean "${nearest}"?)`;
}

/**
 * The known name that takes the fewest edits to become from `name`, cases aside, the first of several; undefined
 * when each takes more than `EDITS_MAX`, or more than half of its characters. Of the first `KNOWN_MAX` names,
 * each with work in proportion to its length.
 */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  if (name.length > CHARS_MAX) return undefined;
  const written = name.toLowerCase();
  let nearest: string | undefined;
  let fewest = Math.min(EDITS_MAX, Math.floor(name.length / 2)) + 1;
  let looked = 0;
  for (const candidate of known) {
    looked += 1;
    if (fewest === 0 || looked > KNOWN_MAX) break;
    const edits = editsWithin(written, candidate.toLowerCase(), fewest - 1);
    if (edits >= fewest) continue;
    fewest = edits;
    nearest = candidate;
  }
  return nearest;
}

/**
 * Insertions, deletions and replacements from one text to the other; `max + 1` for more than `max`. Only cells
 * within `max` of the diagonal can count, so no others are looked at.
 */
function editsWithin(from: string, to: string, max: number): number {
  const beyond = max + 1;
  if (Math.abs(from.length - to.length) > max) return beyond;
  let row = Array.from({ length: to.length + 1 }, (_, at) => Math.min(at, beyond));
  for (let at = 1; at <= from.length; at += 1) {
    const next = Array<number>(to.length + 1).fill(beyond);
    if (at <= max) next[0] = at;
    let fewest = next[0] ?? beyond;
    for (let other = Math.max(1, at - max); other <= Math.min(to.length, at + max); other += 1) {
      const replaced = (row[other - 1] ?? beyond) + (from[at - 1] === to[other - 1] ? 0 : 1);
      const edits = Math.min(
        ...[replaced, (row[other] ?? beyond) + 1, (next[other - 1] ?? beyond) + 1, beyond],
      );
      next[other] = edits;
      fewest = Math.min(fewest, edits);
    }
    if (fewest > max) return beyond;
    row = next;
  }
  return row[to.length] ?? beyond;
}
