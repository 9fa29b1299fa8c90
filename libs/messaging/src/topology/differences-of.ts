import { isDeepStrictEqual } from 'node:util';

/** Whether the resource is as declared, field by field. */
export interface Differences {
  /** One line a field: what it is, and what it should be. */
  readonly lines: readonly string[];
  /** The fields that differ and that are declared. */
  readonly declared: readonly string[];
  /** The fields that are set although nothing is declared for them. */
  readonly undeclared: readonly string[];
}

/**
 * What a field is, and what it should be, for each field of `declared` that is different, and for each
 * other field that is set to anything: an operator's filter, pause or limit stops messages as well as
 * a wrong value of ours does.
 *
 * @param leftAlone fields that others may set, because no message is taken, kept or delivered by them
 */
export function differencesOf(
  declared: object,
  actual: object,
  leftAlone: ReadonlySet<string> = new Set(),
): Differences {
  const found = new Map(Object.entries(actual));
  const wanted = new Map(Object.entries(declared));
  const different = [...wanted.keys()].filter(
    (field) => !isDeepStrictEqual(found.get(field), wanted.get(field)),
  );
  const extra = [...found.keys()].filter(
    (field) => !wanted.has(field) && !leftAlone.has(field) && !isNothing(found.get(field)),
  );
  const line = (field: string): string =>
    `${field} is ${text(found.get(field))}, not ${text(wanted.get(field))}`;
  return { lines: [...different, ...extra].map(line), declared: different, undeclared: extra };
}

const NOTHING: readonly unknown[] = [undefined, null, false, 0, -1, '', 'none', 'default'];

/** How the server says that a field has no effect. */
function isNothing(value: unknown): boolean {
  if (NOTHING.includes(value)) return true;
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function text(value: unknown): string {
  return value === undefined ? 'unset' : JSON.stringify(value);
}
