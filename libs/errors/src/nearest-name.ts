/** The most edits between two names for one to be taken for a misspelling of the other. */
const EDITS_MAX = 2;
/** Longer names get no hint: nobody types them. */
const CHARS_MAX = 128;
/** The most known names that are compared. */
const KNOWN_MAX = 2_000;

/** The hint ` (did you mean "timeout"?)`; empty when no known name is similar. */
export function hintFor(name: string, known: Iterable<string>): string {
  const nearest = nearestName(name, known);
  return nearest === undefined ? '' : ` (did you mean "${nearest}"?)`;
}

/** The detail of the problem that a member is unknown, with the known member that is nearest to its name. */
export function unknownMember(name: string, known: Iterable<string>): string {
  return `is not a known member${hintFor(name, known)}`;
}

/**
 * The known name with the fewest edits from `name`, ignoring case; the first of several. Undefined when each needs
 * more than `EDITS_MAX` edits, or more than half as many as `name` has characters. Only the first `KNOWN_MAX` names
 * are compared, each in time linear in its length.
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
 * The Levenshtein distance of two texts; `max + 1` if it is more than `max`. Only cells of the table within `max` of
 * the diagonal are computed, because no others can lie on a path that short.
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
