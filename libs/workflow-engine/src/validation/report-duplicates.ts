import { type ProblemList } from './problem-list.js';

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
