import { hintFor, type Problem } from '@app/errors';
import { PROBLEMS_MAX } from '../bounds.js';

/** Collects what is wrong, no more than `PROBLEMS_MAX`: a hostile definition can't make it long. */
export class ProblemList {
  readonly found: Problem[] = [];

  add(path: string, detail: string): void {
    if (!this.isFull) this.found.push({ path, detail });
  }

  /** The same of a name that is none of those that there are, with the nearest one. */
  addUnknown(path: string, detail: string, name: string, known: Iterable<string>): void {
    if (!this.isFull) this.add(path, `${detail}${hintFor(name, known)}`);
  }

  /** Then no more names are compared, either. */
  get isFull(): boolean {
    return this.found.length >= PROBLEMS_MAX;
  }
}

/** Reports each entry whose name an earlier one has; a missing name (`''`) is reported elsewhere. */
export function reportDuplicates(
  entries: readonly { readonly name: string }[],
  path: string,
  problems: ProblemList,
): void {
  const seen = new Set<string>();
  for (const [at, { name }] of entries.entries()) {
    if (name !== '' && seen.has(name)) {
      problems.add(`${path}[${at}].name`, `"${name}" is used twice`);
    }
    seen.add(name);
  }
}
