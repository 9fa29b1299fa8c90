import { hintFor, type Problem, unknownMember } from '@app/errors';

/** The problems of members of a body that nobody reads. */
export function unknownMembers(
  given: Readonly<Record<string, unknown>>,
  known: readonly string[],
): readonly Problem[] {
  return Object.keys(given)
    .filter((name) => !known.includes(name))
    .map((path) => ({ path, detail: unknownMember(path, known) }));
}

/** The problem of a member that is none of the known words. */
export function oneOf(path: string, value: unknown, known: readonly string[]): readonly Problem[] {
  if (typeof value === 'string' && known.includes(value)) return [];
  const hint = typeof value === 'string' ? hintFor(value, known) : '';
  return [{ path, detail: `must be one of ${known.join(', ')}${hint}` }];
}
