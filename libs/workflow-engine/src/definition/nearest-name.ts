/** Edits between two names, at most, for one to be taken for a slip of the other. */
const EDITS_MAX = 2;

/** ` (did you mean "timeout"?)`, or nothing when no known name is near. */
export function hintFor(name: string, known: Iterable<string>): string {
  const nearest = nearestName(name, known);
  return nearest === undefined ? '' : ` (did you mean "${nearest}"?)`;
}

/**
 * The known name that takes the fewest edits to become from `name`, cases aside; undefined when each
 * takes more than `EDITS_MAX`, or more than half of its characters.
 */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  const written = name.toLowerCase();
  let nearest: string | undefined;
  let fewest = Math.min(EDITS_MAX, Math.floor(name.length / 2)) + 1;
  for (const candidate of known) {
    const edits = editsWithin(written, candidate.toLowerCase(), fewest - 1);
    if (edits >= fewest) continue;
    fewest = edits;
    nearest = candidate;
  }
  return nearest;
}

/** Insertions, deletions and replacements from one text to the other; `max + 1` for more than `max`. */
function editsWithin(from: string, to: string, max: number): number {
  if (Math.abs(from.length - to.length) > max) return max + 1;
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let at = 1; at <= from.length; at += 1) {
    const next = [at];
    let fewest = at;
    for (let other = 1; other <= to.length; other += 1) {
      const replaced = (row[other - 1] ?? 0) + (from[at - 1] === to[other - 1] ? 0 : 1);
      const edits = Math.min(replaced, (row[other] ?? 0) + 1, (next[other - 1] ?? 0) + 1);
      next.push(edits);
      fewest = Math.min(fewest, edits);
    }
    if (fewest > max) return max + 1;
    row = next;
  }
  return Math.min(row.at(-1) ?? 0, max + 1);
}
