import { hintFor, type Problem, unknownMember } from '@app/errors';
import { PROBLEMS_MAX } from '../bounds.js';

/** Collects problems, at most `PROBLEMS_MAX`; further ones are dropped. */
export class ProblemList {
  readonly found: Problem[] = [];

  add(path: string, detail: string): void {
    if (!this.isFull) this.found.push({ path, detail });
  }

  /** Adds the problem of an unknown name, with the known name that is nearest to it. */
  addUnknown(path: string, detail: string, name: string, known: Iterable<string>): void {
    if (!this.isFull) this.add(path, `${detail}${hintFor(name, known)}`);
  }

  /** Adds the problem that a member is unknown; `name` is the name to look for among the known ones. */
  addUnknownMember(path: string, name: string, known: Iterable<string>): void {
    if (!this.isFull) this.add(path, unknownMember(name, known));
  }

  /** Whether further problems are dropped; then no nearest names are searched either. */
  get isFull(): boolean {
    return this.found.length >= PROBLEMS_MAX;
  }
}

/** Reports each entry with the name of an earlier one. A missing name (`''`) is reported elsewhere. */
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
